import { FilterTrie, hasWildcard, type PointDefinition, type Zone } from '@smx-edge/model';
import type { Action, Grant, Role } from './role.js';
import { finerFirst, shapeOf, type Shape } from './shape.js';
import { Validity } from './validity.js';

/** Actions on points are compiled to bits by handle. */
export const READ = 1;
export const HISTORY = 2;
export const COMMAND = 4;
const BITS: Readonly<Partial<Record<Action, number>>> = { read: READ, history: HISTORY, command: COMMAND };

/** A grant that holds, ready for use. */
export class CompiledGrant {
  /** Data from before is not given, ms UTC. */
  readonly since: number;
  private readonly shapes: (Shape | undefined)[] = [];

  constructor(
    readonly grant: Grant,
    readonly validity: Validity,
    now: number,
  ) {
    this.since = validity.since(now);
  }

  /** The shape this grant gives a point; one object per kind of point. */
  shapeFor(definition: PointDefinition): Shape {
    const { type, kind } = definition;
    const key = type === 'number' ? (kind === 'measurement' ? 0 : 1) : type === 'numbers' ? 2 : 3;
    return (this.shapes[key] ??= shapeOf(this.grant, definition));
  }
}

/** One filter of a grant within the index of a role. */
export interface Entry {
  readonly compiled: CompiledGrant;
  /** Place in the order from the finest grant. */
  readonly rank: number;
  /** Point actions it grants, as bits. */
  readonly bits: number;
  readonly isWild: boolean;
}

/** Whether an entry reaches a point whose path it matches: personal points are named in full. */
export const reaches = (entry: Entry, isPersonal: boolean): boolean =>
  !isPersonal || !entry.isWild || entry.compiled.grant.personal === true;

/** The grants of a role that hold at one instant, indexed by filter. */
export class GrantIndex {
  /** read, history, command. */
  readonly points = new FilterTrie<Entry>();
  readonly events = new FilterTrie<Entry>();
  readonly profiles = new FilterTrie<Entry>();
  readonly calls = new FilterTrie<Entry>();
  /** By area; `#` is all. */
  readonly areas = new Map<string, CompiledGrant[]>();
  readonly holding: CompiledGrant[] = [];
  /** Wall clock at which another set of grants holds. */
  nextEdge = Infinity;
  /** Some grant begins, ends or pauses by time. */
  isTimed = false;

  constructor(
    readonly role: Role,
    now: number,
    zone: Zone,
  ) {
    for (const [rank, grant] of [...role.grants].sort(finerFirst).entries()) {
      const validity = new Validity(grant, zone);
      this.nextEdge = Math.min(this.nextEdge, validity.nextEdge(now));
      if (!validity.isEternal) this.isTimed = true;
      if (!validity.holds(now)) continue;
      const compiled = new CompiledGrant(grant, validity, now);
      // delayed data becomes givable a delay after the grant began
      const ripe = compiled.since + grant.delay;
      if (grant.delay > 0 && ripe > now) this.nextEdge = Math.min(this.nextEdge, ripe);
      this.holding.push(compiled);
      this.add(compiled, rank);
    }
  }

  /** Entries that reach a point by its path or an alias. */
  reaching(definition: PointDefinition): Entry[] {
    const found = this.points.match(definition.path);
    for (const alias of definition.aliases ?? []) found.push(...this.points.match(alias));
    return definition.personal === true ? found.filter((entry) => reaches(entry, true)) : found;
  }

  private add(compiled: CompiledGrant, rank: number): void {
    const bitsOf = new Map<string, number>();
    for (const [action, filters] of Object.entries(compiled.grant.actions) as [Action, readonly string[]][]) {
      const bit = BITS[action];
      for (const filter of filters)
        if (bit !== undefined) bitsOf.set(filter, (bitsOf.get(filter) ?? 0) | bit);
        else if (action === 'manage') this.areas.set(filter, [...(this.areas.get(filter) ?? []), compiled]);
        else this.trieOf(action).add(filter, { compiled, rank, bits: 0, isWild: hasWildcard(filter) });
    }
    for (const [filter, bits] of bitsOf) this.points.add(filter, { compiled, rank, bits, isWild: hasWildcard(filter) });
  }

  private trieOf(action: Action): FilterTrie<Entry> {
    return action === 'events' ? this.events : action === 'profiles' ? this.profiles : this.calls;
  }
}
