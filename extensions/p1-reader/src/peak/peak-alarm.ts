import type { PeakFacts } from './peak-engine.js';
import { QUARTER } from './quarter-time.js';

/** Cleared once the forecast is this part of the limit. */
const CLEAR = 0.95;

/** Says when the forecast of the quarter passes the limit and when that is over. */
export class PeakAlarm {
  private up = false;

  /** `after` = ms of a quarter that must have passed before a forecast is taken seriously. */
  constructor(private readonly after: number) {}

  get raised(): boolean {
    return this.up;
  }

  /** The change, if there is one. */
  update({ t, end, forecast, limit, partial }: PeakFacts): 'raised' | 'cleared' | undefined {
    if (Number.isNaN(forecast)) return undefined;
    const elapsed = t - (end - QUARTER);
    if (!this.up && !partial && elapsed >= this.after && forecast > limit) {
      this.up = true;
      return 'raised';
    }
    if (this.up && forecast < limit * CLEAR) {
      this.up = false;
      return 'cleared';
    }
    return undefined;
  }
}
