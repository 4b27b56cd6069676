/** Share of the time left that a slice may take by what is known, as it may be slower. */
const SHARE = 0.95;
/** As long as nothing is known but what a row took with all that goes with a request. */
const FIRST_SHARE = 0.6;
const FIRST = 4;
const MOST = 512;
/** Below this nothing is begun, ms. */
const LEAST = 50;
/** Slices tell apart what a row takes from what the request takes if they differ by so many rows. */
const SPREAD = 3;
/** Weight of what is new, and of what took longer than was thought. */
const NEW = 0.3;
const LONGER = 0.5;
/** What is thought of a request that did not fit, as one answer that came late is not for ever. */
const FADE = 0.9;
/** Times that nothing fitted before one row is asked for all the same: a slow meter is read late rather than never. */
const PATIENCE = 60;

/** How many rows of a profile are asked for at once, learnt from what the last ones took: so much each, and so much before the first. */
export class Slice {
  /** ms of a row; undefined before the first slice. */
  private perRow: number | undefined;
  /** ms besides the rows. */
  private before = 0;
  private last: { readonly ms: number; readonly rows: number } | undefined;
  private isLearnt = false;
  private most = MOST;
  private denied = 0;

  /** 0 where not one fits into `left` ms. */
  rows(left: number): number {
    if (left < LEAST) return 0;
    if (this.perRow === undefined) return Math.min(FIRST, this.most);
    const time = left * (this.isLearnt ? SHARE : FIRST_SHARE) - this.before;
    const rows = Math.max(0, Math.min(this.most, Math.floor(time / Math.max(this.perRow, 0.01))));
    this.denied = rows > 0 ? 0 : this.denied + 1;
    if (rows === 0) this.before *= FADE;
    return rows === 0 && this.denied > PATIENCE ? 1 : rows;
  }

  took(ms: number, rows: number): void {
    this.most = Math.min(MOST, this.most * 2);
    const { last } = this;
    if (last === undefined || Math.abs(rows - last.rows) >= SPREAD) this.last = { ms, rows };
    const slope = last === undefined || this.last === last ? NaN : (ms - last.ms) / (rows - last.rows);
    if (slope > 0 && slope <= Math.min(ms / rows, last!.ms / last!.rows)) {
      this.perRow = this.isLearnt ? this.perRow! + NEW * (slope - this.perRow!) : slope;
      this.isLearnt = true;
    }
    if (!this.isLearnt) {
      this.perRow = Math.max(ms / rows, this.perRow ?? 0);
      return;
    }
    const rest = Math.max(0, ms - this.perRow! * rows) - this.before;
    this.before += (rest > 0 ? LONGER : NEW) * rest;
  }

  /** The meter did not give so many. */
  failed(): void {
    this.most = Math.max(1, Math.floor(this.most / 2));
    if (this.most > FIRST) this.most = FIRST;
  }
}
