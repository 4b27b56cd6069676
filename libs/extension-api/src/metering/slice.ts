/** Share of the time left that a slice may take by what the last ones took. */
const SHARE = 0.95;
const FIRST = 4;
const MOST = 512;
/** Below this nothing is begun, ms. */
const LEAST = 50;
/** Weight of a slice that took longer than those before: one answer may be late by chance. */
const SLOWER = 0.5;
/** Of a slice that is smaller than this share of the last the request alone would take too much to foresee. */
const SMALLEST = 0.5;
/** How much smaller a slice may be for each time that nothing was asked for. */
const SHRINK = 0.8;
/** Times that nothing fitted before one row is asked for all the same: a slow meter is read late rather than never. */
const PATIENCE = 60;

/** How many rows of a profile are asked for at once, learnt from what the last ones took with all that goes with a request. */
export class Slice {
  /** ms of a row in a slice of `size` rows; undefined before the first. */
  private perRow: number | undefined;
  private size = 1;
  private most = MOST;
  private denied = 0;

  /** 0 where not enough fit into `left` ms. */
  rows(left: number): number {
    const rows = this.fitting(left);
    if (rows > 0 && rows >= SMALLEST * this.size) return rows;
    this.size = Math.max(1, this.size * SHRINK);
    return ++this.denied > PATIENCE ? 1 : 0;
  }

  took(ms: number, rows: number): void {
    const now = ms / rows;
    const { perRow = now } = this;
    this.perRow = now > perRow ? perRow + SLOWER * (now - perRow) : now;
    this.size = rows;
    this.denied = 0;
    this.most = Math.min(MOST, this.most * 2);
  }

  /** The meter did not give so many. */
  failed(): void {
    this.most = Math.max(1, Math.floor(this.most / 2));
    if (this.most > FIRST) this.most = FIRST;
    this.size = Math.min(this.size, this.most);
  }

  private fitting(left: number): number {
    if (left < LEAST) return 0;
    if (this.perRow === undefined) return Math.min(FIRST, this.most);
    return Math.min(this.most, Math.floor((left * SHARE) / Math.max(this.perRow, 0.01)));
  }
}
