/** Share of the time left that a slice may take, as the next one may be slower. */
const SHARE = 0.6;
const FIRST = 4;
const MOST = 512;
/** Below this nothing is begun, ms. */
const LEAST = 50;

/** How many rows of a profile are asked for at once, learnt from what the last ones took. */
export class Slice {
  /** ms of a row; undefined before the first slice. */
  private perRow: number | undefined;
  private most = MOST;

  /** 0 where not one fits into `left` ms. */
  rows(left: number): number {
    if (left < LEAST) return 0;
    if (this.perRow === undefined) return Math.min(FIRST, this.most);
    return Math.min(this.most, Math.floor((left * SHARE) / Math.max(this.perRow, 0.01)));
  }

  took(ms: number, rows: number): void {
    const now = ms / rows;
    // slower counts at once, faster only by and by: a second that is missed cannot be read again
    this.perRow = this.perRow === undefined || now > this.perRow ? now : 0.7 * this.perRow + 0.3 * now;
    this.most = Math.min(MOST, this.most * 2);
  }

  /** The meter did not give so many. */
  failed(): void {
    this.most = Math.max(1, Math.floor(this.most / 2));
    if (this.most > FIRST) this.most = FIRST;
  }
}
