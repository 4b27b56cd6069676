import type { LiveSource, PointDefinition } from '@smx-edge/model';
import { COMMAND, HISTORY, READ, type CompiledGrant, type Entry, type GrantIndex } from './compiled-grant.js';
import type { FormRegistry } from './form-registry.js';
import type { Form } from './form.js';
import { RAW, type Shape } from './shape.js';
import type { CommandGrant } from './view.js';

/** The reading is the live table's own. */
export const LIVE = 1;
/** The reading is that of a form. */
const FORMED = 2;

/** A read grant as it applies to one point. */
export interface ReadAccess {
  readonly path: string;
  readonly compiled: CompiledGrant;
  readonly shape: Shape;
  readonly form: Form | undefined;
}

/** What one principal may do at each point, by handle. A point is placed alone; the rest stays as it is. */
export class Plan {
  /** READ, HISTORY, COMMAND by handle. */
  private bits: Uint8Array;
  /** 0, LIVE or FORMED by handle: what the hot path asks. */
  modes: Uint8Array;
  /** 1 by handle where a reading was given since `takeGiven`. */
  given: Uint8Array;
  /** Command grants by handle, as far as they were asked for. */
  readonly commands = new Map<number, CommandGrant | undefined>();
  private readonly reads: (ReadAccess | undefined)[] = [];

  constructor(
    readonly index: GrantIndex,
    private readonly forms: FormRegistry,
    private readonly live: LiveSource,
  ) {
    this.bits = new Uint8Array(live.limit);
    this.modes = new Uint8Array(live.limit);
    this.given = new Uint8Array(live.limit);
  }

  /** The read accesses under which readings were given since the last call; of one handle where it is said. */
  takeGiven(only?: number): ReadAccess[] {
    const found: ReadAccess[] = [];
    const take = (handle: number): void => {
      const read = this.given[handle] === 1 ? this.reads[handle] : undefined;
      if (read !== undefined) found.push(read);
      if (handle < this.given.length) this.given[handle] = 0;
    };
    if (only !== undefined) take(only);
    else for (let handle = this.given.indexOf(1); handle >= 0; handle = this.given.indexOf(1, handle + 1)) take(handle);
    return found;
  }

  has(handle: number, bit: number): boolean {
    return (this.bits[handle]! & bit) !== 0;
  }

  read(handle: number): ReadAccess | undefined {
    return this.reads[handle];
  }

  /** Compiles all points of the live table. */
  placeAll(now: number): void {
    for (const { handle, definition } of this.live.points()) this.place(handle, definition, now);
  }

  /** Compiles one point, new or changed; gives whether anything is or was granted on it. */
  place(handle: number, definition: PointDefinition, now: number): boolean {
    const had = handle < this.bits.length && this.bits[handle] !== 0;
    this.commands.delete(handle);
    const before = this.reads[handle];
    let bits = 0;
    let finest: Entry | undefined;
    for (const entry of this.entries(definition)) {
      bits |= entry.bits;
      if ((entry.bits & READ) !== 0 && (finest === undefined || entry.rank < finest.rank)) finest = entry;
    }
    if (definition.setpoint === undefined) bits &= ~COMMAND;
    if (handle >= this.bits.length) this.grow(handle + 1);
    this.bits[handle] = bits;
    const read = finest === undefined ? undefined : this.access(finest.compiled, { handle, definition, now });
    this.reads[handle] = read;
    this.modes[handle] = read === undefined ? 0 : read.form === undefined ? LIVE : FORMED;
    if (before?.form !== undefined) this.forms.release(before.form);
    return had || bits !== 0;
  }

  remove(handle: number): boolean {
    if (handle >= this.bits.length || this.bits[handle] === 0) return false;
    this.bits[handle] = 0;
    this.modes[handle] = 0;
    const form = this.reads[handle]?.form;
    this.reads[handle] = undefined;
    if (form !== undefined) this.forms.release(form);
    return true;
  }

  /** Grants of one point action that reach a point, from the finest. */
  grants(definition: PointDefinition, bit: typeof READ | typeof HISTORY | typeof COMMAND): CompiledGrant[] {
    const found = this.entries(definition).filter((entry) => (entry.bits & bit) !== 0);
    return [...new Set(found.sort((a, b) => a.rank - b.rank).map((entry) => entry.compiled))];
  }

  /** Gives up its forms; their windows go on where another plan uses them. */
  release(): void {
    for (const read of this.reads) if (read?.form !== undefined) this.forms.release(read.form);
    this.reads.length = 0;
    this.bits = new Uint8Array(0);
    this.modes = new Uint8Array(0);
    this.given = new Uint8Array(0);
  }

  private entries(definition: PointDefinition): Entry[] {
    return this.index.reaching(definition);
  }

  private access(
    compiled: CompiledGrant,
    point: { handle: number; definition: PointDefinition; now: number },
  ): ReadAccess {
    const shape = compiled.shapeFor(point.definition);
    const isLive = shape.every === 0 && shape.delay === 0 && shape.interval === 0;
    const { path } = point.definition;
    if (isLive && shape.round === 0) return { path, compiled, shape: RAW, form: undefined };
    return { path, compiled, shape, form: isLive ? undefined : this.forms.acquire({ ...point, shape }) };
  }

  private grow(least: number): void {
    const capacity = Math.max(least, this.live.limit, this.bits.length * 2);
    const { bits, modes, given } = this;
    (this.bits = new Uint8Array(capacity)).set(bits);
    (this.modes = new Uint8Array(capacity)).set(modes);
    (this.given = new Uint8Array(capacity)).set(given);
  }
}
