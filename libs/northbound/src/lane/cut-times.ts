/** Most times kept; past it every other one goes. */
const MOST = 1000;

/** When batches were cut, as far as it was seen: for the age of the oldest one. */
export class CutTimes {
  private times: { readonly seq: number; readonly cut: number }[] = [];

  /** Batches from `seq` on were cut at `cut` (ms UTC) or later. */
  add(seq: number, cut: number): void {
    const at = this.times.findIndex((other) => other.seq >= seq);
    if (this.times[at]?.seq === seq) return;
    this.times.splice(at < 0 ? this.times.length : at, 0, { seq, cut });
    if (this.times.length > MOST) this.times = this.times.filter((_, i) => i % 2 === 0);
  }

  /** When a batch was cut, or one before it; undefined where nothing is known. Forgets what is older. */
  of(seq: number): number | undefined {
    const at = this.times.findLastIndex((other) => other.seq <= seq);
    if (at > 0) this.times.splice(0, at);
    return at < 0 ? undefined : this.times[0]!.cut;
  }
}
