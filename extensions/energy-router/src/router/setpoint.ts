import { applied, refused, type SetpointAnswer } from '@smx-edge/extension-api';
import { isSmxError, type PointValue } from '@smx-edge/model';
import type { Bounds, RouterDriver } from '../driver.js';
import { STANDBY, type Mode } from '../model/modes.js';
import { MODE_SETPOINT, type SetpointKind } from '../model/setpoints.js';
import { InForce } from './in-force.js';
import type { HeldMemory } from './memory.js';

export interface RouterSetpointOptions {
  readonly path: string;
  readonly kind: SetpointKind;
  /** Undefined for the mode. */
  readonly bounds: Bounds | undefined;
  readonly driver: RouterDriver;
  readonly memory: HeldMemory;
  /** The set-points beside it, by path. */
  readonly others: ReadonlyMap<string, RouterSetpoint>;
  /** Modes that may be commanded. */
  readonly modes: readonly Mode[];
  readonly restMode: string | undefined;
  /** The mode in which the router is now, where it is known. */
  readonly modeNow: () => string | undefined;
}

/** One set-point of a router: what we hold there, what it shows, and what is put back. */
export class RouterSetpoint {
  /** What is in force by all that the router tells; only for numbers. */
  readonly inForce: InForce | undefined;
  /** Ours, while a command holds. */
  held: number | string | undefined;
  /** What the router showed last. */
  private shown: number | string | undefined;
  /** Writes go one after the other, so that the last one asked for is the last one written. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly o: RouterSetpointOptions) {
    const { proof } = o.kind;
    this.inForce = proof && new InForce(proof.kind);
  }

  get path(): string {
    return this.o.path;
  }

  /** What it comes to where no command holds it. PV may give all it has. */
  get rest(): number | string {
    const { kind, bounds, memory, restMode, path } = this.o;
    if (bounds === undefined) return restMode ?? memory.restOf(path) ?? STANDBY;
    return kind.side === 'pv' ? bounds.min : 0;
  }

  shows(value: number | string): void {
    this.shown = value;
    if (typeof value === 'number') this.inForce?.shows(value);
  }

  /** Puts a command on the router. */
  async command(value: PointValue): Promise<SetpointAnswer> {
    const refusal = this.refusalOf(value);
    if (refusal !== undefined) return refusal;
    const wanted = value as number | string;
    return this.inTurn(async () => {
      await this.o.memory.mark(this.path, this.found());
      const answer = await this.put(wanted);
      if (answer.outcome === 'applied') this.held = wanted;
      return answer;
    });
  }

  /** Puts back what is there without a command; where that is refused it is still to be done. */
  async release(): Promise<SetpointAnswer> {
    return this.inTurn(async () => {
      // a mode that we never set is as its router has it
      if (this.o.bounds === undefined && this.o.restMode === undefined && !this.o.memory.has(this.path))
        return applied(this.o.modeNow() ?? STANDBY);
      const answer = await this.put(this.rest);
      if (answer.outcome !== 'applied') return answer;
      this.held = undefined;
      await this.o.memory.clear(this.path);
      return answer;
    });
  }

  /** Writes once more what is held, for a router that falls back by itself; not over the value of somebody else. */
  async refresh(): Promise<void> {
    await this.inTurn(async () => {
      const { held, shown } = this;
      if (held === undefined || (shown !== undefined && !isNear(shown, held))) return;
      await this.put(held, { isAgain: true });
    });
  }

  /** The router is gone; what it showed is nothing to go by. */
  forget(): void {
    this.shown = undefined;
    this.inForce?.forget();
  }

  private async put(value: number | string, { isAgain = false } = {}): Promise<SetpointAnswer> {
    if (typeof value === 'number' && !isAgain) this.inForce?.wrote(value);
    try {
      await this.o.driver.write(this.path, value);
      return applied(value);
    } catch (error) {
      // a router that is gone, or refuses, is no fault of this process
      if (!isSmxError(error)) throw error;
      return refused(error.code, error.message);
    }
  }

  private found(): { readonly rest?: string } {
    const now = this.path === MODE_SETPOINT ? this.o.modeNow() : undefined;
    return now === undefined ? {} : { rest: now };
  }

  private refusalOf(value: PointValue): SetpointAnswer | undefined {
    const { kind, bounds, modes, others } = this.o;
    if (bounds !== undefined && typeof value !== 'number')
      return refused('ROUTER_NO_NUMBER', `${this.path} takes a number`);
    if (bounds === undefined && !modes.some(({ name }) => name === value))
      return refused('ROUTER_MODE', `it takes ${modes.map(({ name }) => name).join(', ')}`);
    const other = kind.excludes?.map((path) => others.get(path)).find((each) => each?.held !== undefined);
    return other && refused('ROUTER_HELD', `${other.path} holds the same; let it end first`);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** A router keeps numbers as its registers can. */
function isNear(a: number | string, b: number | string): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= Math.max(1, 0.01 * Math.abs(b));
}
