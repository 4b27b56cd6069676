import type { WindowPart } from '@smx-edge/model';

/** A window of one point that has samples; times in ms UTC. */
export interface KeptWindow extends WindowPart {
  readonly end: number;
  /** Typical spacing of the samples at its end, ms; 0 = none known. */
  readonly spacing: number;
  /** Whether that spacing is of the last two hours alone, whatever came before. */
  readonly steady: boolean;
  /** Whether the sum is of whole numbers, so that sums of sums stay exact. */
  readonly whole: boolean;
}
