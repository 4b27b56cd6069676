import type { ErrorCode } from '@smx-edge/model';

/** First pause after a fault and the longest, ms. A meter lets go of a cut association by itself after about two minutes. */
const PAUSES: Partial<Record<ErrorCode, readonly [first: number, longest: number]>> = {
  SMX_METER_BUSY: [30_000, 600_000],
  SMX_METER_OBJECT: [60_000, 3_600_000],
  SMX_METER_MODE: [60_000, 3_600_000],
  SMX_METER_OTHER: [60_000, 600_000],
};
const OTHERWISE = [2000, 60_000] as const;

/** How long a meter is left alone after faults in a row, so that no retry storms a line or a lock. */
export class Rest {
  private faults = 0;
  private until = 0;

  isOver(now: number): boolean {
    return now >= this.until;
  }

  after(code: ErrorCode, now: number): void {
    const [first, longest] = PAUSES[code] ?? OTHERWISE;
    this.until = now + Math.min(longest, first * 2 ** this.faults);
    this.faults = Math.min(this.faults + 1, 16);
  }

  good(): void {
    this.faults = 0;
    this.until = 0;
  }
}
