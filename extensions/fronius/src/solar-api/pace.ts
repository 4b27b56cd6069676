import { Backoff } from '@smx-edge/model';

/** After faults for so long the host is left alone for minutes: a slave that sleeps takes connections and never answers, ms. */
const PATIENCE = 120_000;
const LEAST_FAULTS = 3;
const MINUTES = { from: 180_000, to: 600_000 };
const LONGEST_PAUSE = 60_000;
/** Share of its time for which a host may be busy with one kind of question. */
const BUSY = 0.1;
/** A fault makes the questions rarer, up to three times as rare: 10 s restarted some hybrids that bore 30 s. */
const RARER = { step: 1.5, most: 3, back: 0.95 };

/** How often a host is asked: as wanted while it answers well, more rarely while it is slow, and hardly where it fails. */
export class Pace {
  private readonly pauses: Backoff;
  private rarer = 1;
  private faults = 0;
  /** When the first of them came. */
  private since = 0;
  /** ms that an answer took lately. */
  private usual = 0;
  private until = 0;

  constructor(private readonly random: () => number = Math.random) {
    this.pauses = new Backoff(LONGEST_PAUSE, random);
  }

  /** Whether the host may be asked at `now`, ms of a monotonic clock. */
  mayAsk(now: number): boolean {
    return now >= this.until;
  }

  /** ms between two questions of a kind that is wanted each `interval` ms. */
  stretched(interval: number): number {
    return Math.max(interval * this.rarer, this.usual / BUSY);
  }

  /** An answer came after `took` ms. */
  good(took: number): void {
    this.faults = 0;
    this.pauses.reset();
    this.rarer = Math.max(1, this.rarer * RARER.back);
    this.usual += (took - this.usual) / 4;
  }

  /** None came, or none that is one, at `now`. */
  failed(now: number): void {
    if (this.faults++ === 0) this.since = now;
    this.rarer = Math.min(RARER.most, this.rarer * RARER.step);
    const { from, to } = MINUTES;
    const isLong = this.faults >= LEAST_FAULTS && now - this.since >= PATIENCE;
    this.until = now + (isLong ? from + this.random() * (to - from) : this.pauses.next());
  }
}
