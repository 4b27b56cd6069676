/** Catalogues that are taken as they come: a box that starts, or is set up, tells many. */
const FREE = 30;
/** Pause after the first beyond them, which doubles with each up to the longest, and quiet after which they are counted anew, ms. */
const [FIRST, LONGEST, QUIET] = [1000, 600_000, 600_000];

/**
 * How often what a box shows may become something else here: each time devices and points are made and taken away, which is written
 * down. Of a box that goes back and forth the newest catalogue waits its turn. Times are ms UTC.
 */
export class CataloguePace<T> {
  private text = '';
  private count = 0;
  private changedAt = -Infinity;
  private next = -Infinity;
  private held: T | undefined;

  /** Something waits. */
  get isHolding(): boolean {
    return this.held !== undefined;
  }

  /** A catalogue with the text that it came as; undefined: it waits. */
  offer(text: string, catalogue: T, now: number): T | undefined {
    // told again, as at each connection
    if (text === this.text) return this.held === undefined ? catalogue : this.hold(catalogue, now);
    this.text = text;
    if (now - this.changedAt > QUIET) this.count = 0;
    this.changedAt = now;
    return this.hold(catalogue, now);
  }

  /** What waited, once its turn is there. */
  due(now: number): T | undefined {
    const { held } = this;
    return held === undefined ? undefined : this.hold(held, now);
  }

  private hold(catalogue: T, now: number): T | undefined {
    // a clock that was set back makes no pause
    const isEarly = now < this.next && this.next - now <= LONGEST;
    this.held = isEarly ? catalogue : undefined;
    if (this.held !== undefined) return undefined;
    this.count++;
    if (this.count >= FREE) this.next = now + Math.min(LONGEST, FIRST * 2 ** (this.count - FREE));
    return catalogue;
  }
}
