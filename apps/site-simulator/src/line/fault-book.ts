import { SmxError } from '@smx-edge/model';
import { Noise } from '../house/index.js';

/** Something that is wrong with a line, or with the meter on it. */
export interface Fault<K extends string = string> {
  readonly kind: K;
  /** Share of what is sent that it hits, 0 … 1. Default 1. */
  readonly share?: number;
  /** Telegrams for which it lasts; until it is cleared where absent. */
  readonly telegrams?: number;
  /** The same of a meter that is asked. */
  readonly answers?: number;
  /** ms, of those that have a time; of `clock` by how much it is ahead (negative: behind). */
  readonly by?: number;
}

/** What can be wrong with one kind of meter. */
export interface FaultRules<K extends string = string> {
  /** In the order in which they are applied. */
  readonly kinds: readonly K[];
  readonly counted: 'telegrams' | 'answers';
  /** Those that have a time, ms, with what it is where nothing is said. `clock` has one that must be said. */
  readonly times: Readonly<Record<string, number>>;
  /** Those that are over once they have struck. */
  readonly once: readonly K[];
}

/** Faults that a line has now, each for so many of what it sends. The same seed hits the same ones. */
export class FaultBook<K extends string> {
  private readonly active = new Map<K, { readonly fault: Fault<K>; left: number }>();
  private readonly noise: Noise;
  /** What was sent so far. */
  private sent = 0;

  constructor(
    seed: number,
    private readonly rules: FaultRules<K>,
  ) {
    this.noise = new Noise(seed, 'line');
  }

  /** Faults now, with what they still last for. */
  get list(): Fault<K>[] {
    return [...this.active.values()].map(({ fault, left }) => Number.isFinite(left) ? { ...fault, [this.rules.counted]: left } : fault); // prettier-ignore
  }

  /** Whether nothing is wrong now. */
  get isEmpty(): boolean {
    return this.active.size === 0;
  }

  has(kind: K): boolean {
    return this.active.has(kind);
  }

  /** ms of a fault that has a time; 0 where there is none such now. */
  by(kind: K): number {
    const fault = this.active.get(kind)?.fault;
    return fault === undefined ? 0 : (fault.by ?? this.rules.times[kind] ?? 0);
  }

  /** Begins a fault, in place of one of its kind. Throws SMX_SIMULATOR_SETPOINT. */
  set(fault: Fault<K>): void {
    const { counted, once } = this.rules;
    const { kind, share = 1, [counted]: times = once.includes(kind) ? 1 : Infinity } = fault;
    this.checkTime(fault);
    if (!(times >= 1) || !(share > 0 && share <= 1))
      throw new SmxError('SMX_SIMULATOR_SETPOINT', `A fault takes "${counted}" from 1 and "share" from 0 to 1`);
    this.active.set(kind, { fault, left: times });
  }

  /** Ends a fault, or all. */
  clear(kind?: K): void {
    if (kind === undefined) this.active.clear();
    else this.active.delete(kind);
  }

  /** What strikes the next that is sent, of those that fit it; each then lasts for one less. With its time, ms. */
  strike(fits: (kind: K) => boolean = () => true): ReadonlyMap<K, number> {
    const n = this.sent++;
    const struck = new Map<K, number>();
    for (const kind of this.rules.kinds) {
      const by = this.by(kind);
      if (fits(kind) && this.hits(kind, n)) struck.set(kind, by);
    }
    return struck;
  }

  /** The `i`th number from 0 to 1 for what was sent last. */
  random(i: number): number {
    return this.noise.at(1e9 + (this.sent - 1) * 4096 + i);
  }

  private hits(kind: K, n: number): boolean {
    const entry = this.active.get(kind);
    if (entry === undefined) return false;
    if (--entry.left <= 0) this.active.delete(kind);
    return this.noise.at(n * 16 + this.rules.kinds.indexOf(kind)) < (entry.fault.share ?? 1);
  }

  private checkTime({ kind, by }: Fault<K>): void {
    const isClock = kind === 'clock';
    const takesBy = isClock || this.rules.times[kind] !== undefined;
    if (by === undefined ? !isClock : takesBy && Number.isFinite(by) && (isClock || by > 0)) return;
    throw new SmxError(
      'SMX_SIMULATOR_SETPOINT',
      `The fault "${kind}" takes ${takesBy ? '"by": a time' : 'no "by"'}${isClock ? ' the clock is ahead' : ''}`,
    );
  }
}
