import { SmxError } from '@smx-edge/model';
import { Noise } from '../house/index.js';

/** What every fault of a line says of itself. */
export interface LineFault<K extends string> {
  readonly kind: K;
  /** Share of what is sent that it hits, 0 … 1. Default 1. */
  readonly share?: number;
}

/** Faults that a line has now, each for so many of what it sends. The same seed hits the same ones. */
export class FaultBook<K extends string, F extends LineFault<K>> {
  private readonly active = new Map<K, { readonly fault: F; left: number }>();
  readonly noise: Noise;

  constructor(
    seed: number,
    /** In the order in which they are applied. */
    private readonly kinds: readonly K[],
  ) {
    this.noise = new Noise(seed, 'line');
  }

  /** Each with what it still lasts for; infinite where until it is cleared. */
  get list(): { readonly fault: F; readonly left: number }[] {
    return [...this.active.values()];
  }

  get(kind: K): F | undefined {
    return this.active.get(kind)?.fault;
  }

  /** Begins a fault, in place of one of its kind. Throws SMX_SIMULATOR_SETPOINT. */
  set(fault: F, { name, times = Infinity }: { readonly name: string; readonly times: number | undefined }): void {
    const { kind, share = 1 } = fault;
    if (!(times >= 1) || !(share > 0 && share <= 1))
      throw new SmxError('SMX_SIMULATOR_SETPOINT', `A fault takes "${name}" from 1 and "share" from 0 to 1`);
    this.active.set(kind, { fault, left: times });
  }

  /** Ends a fault, or all. */
  clear(kind?: K): void {
    if (kind === undefined) this.active.clear();
    else this.active.delete(kind);
  }

  /** Whether the `n`th that is sent is hit; it then lasts for one less. */
  hits(kind: K, n: number): boolean {
    const entry = this.active.get(kind);
    if (entry === undefined) return false;
    if (--entry.left <= 0) this.active.delete(kind);
    return this.noise.at(n * 16 + this.kinds.indexOf(kind)) < (entry.fault.share ?? 1);
  }
}
