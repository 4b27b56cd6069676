/** ms between two lines of the log. */
const PAUSE = 60_000;

interface SeldomLineOptions {
  /** ms UTC. */
  now(): number;
  /** `times` is how often it happened since the last line. */
  write(fields: Readonly<Record<string, unknown>> & { readonly times: number }): void;
}

/** A line of the log that comes once a minute at most, of what may happen all the time: on a bad line, on a full disk. */
export class SeldomLine {
  private logged = -Infinity;
  private times = 0;

  constructor(private readonly o: SeldomLineOptions) {}

  add(fields: object): void {
    const { now, write } = this.o;
    this.times++;
    // either way, as clocks are set
    if (Math.abs(now() - this.logged) < PAUSE) return;
    const { times } = this;
    this.logged = now();
    this.times = 0;
    write({ ...fields, times });
  }
}
