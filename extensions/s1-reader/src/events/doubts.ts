import type { Log } from '@smx-edge/model';
import type { PowerQualityEvent } from '@smx-edge/protocols/power-quality';

/** ms between two lines of the log. */
const PAUSE = 60_000;

/** Logs events that are not told, a line a minute at most: on a line that loses all the time there is always one. */
export class Doubts {
  private logged = -Infinity;
  private unsaid = 0;

  constructor(private readonly o: { readonly log: Log; now(): number }) {}

  add(event: PowerQualityEvent): void {
    const { log, now } = this.o;
    this.unsaid++;
    // either way, as clocks are set
    if (Math.abs(now() - this.logged) < PAUSE) return;
    const [text, doubts] = ['an event is not told: only samples that stand in for lost ones show it', this.unsaid];
    this.logged = now();
    this.unsaid = 0;
    log.info(text, { ...event, doubts });
  }
}
