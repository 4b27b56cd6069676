import type { SpanSums } from './span-sums.js';
import type { Values } from './values.js';

const TEN_SECONDS = 10_000;

/**
 * Frequency over 10 s of the clock: whole cycles over what they lasted (IEC 61000-4-30 §5.1.1). Cycles whose crossings were not seen
 * are left out on both sides.
 */
export class FrequencyMeter {
  private slot = NaN;
  private cycles = 0;
  private samples = NaN;

  constructor(private readonly tell: ((frequency: number, end: number) => void) | undefined) {}

  /** A cycle: its beginning from its values, at `rate` samples per second. */
  add({ start }: Values, { length, isSynced }: SpanSums, { rate }: { readonly rate: number }): void {
    const slot = Math.floor(start / TEN_SECONDS);
    if (slot !== this.slot) {
      if (this.cycles > 0) this.tell?.((this.cycles * rate) / this.samples, (this.slot + 1) * TEN_SECONDS);
      this.slot = slot;
      this.cycles = 0;
      this.samples = 0;
    }
    if (!isSynced) return;
    this.cycles++;
    this.samples += length;
  }
}
