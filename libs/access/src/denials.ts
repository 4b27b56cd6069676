import type { Clock, LedgerSink } from '@smx-edge/model';

const MINUTE = 60_000;
/** Distinct refusals kept apart within a minute; a scan beyond is counted as one. */
const MOST = 200;
const LONGEST_WORD = 200;

interface Denial {
  readonly principal: string;
  readonly what: string;
  count: number;
}

/** Refused accesses, summed per minute and key into the ledger, so that a flood of them costs no writes. */
export class Denials {
  /** Wall clock at which the running minute is written; Infinity where nothing was refused. */
  due = Infinity;
  private readonly counts = new Map<string, Denial>();
  private since = 0;

  constructor(
    private readonly clock: Clock,
    private readonly ledger: LedgerSink,
  ) {}

  add(principal: string, what: string): void {
    const now = this.clock.now();
    if (this.counts.size === 0) {
      this.since = now;
      this.due = (Math.floor(now / MINUTE) + 1) * MINUTE;
    }
    const short = what.slice(0, LONGEST_WORD);
    const denial = this.counts.get(`${principal} ${short}`);
    if (denial !== undefined) denial.count++;
    else if (this.counts.size < MOST) this.counts.set(`${principal} ${short}`, { principal, what: short, count: 1 });
    else this.addRest();
  }

  tick(now: number): void {
    // also where the clock was set back before the running minute
    if (now >= this.due || now < this.since) this.flush();
  }

  flush(): void {
    if (this.counts.size === 0) return;
    const t = this.clock.now();
    for (const { principal, what, count } of this.counts.values())
      this.ledger.append({ t, kind: 'denial', principal, data: { what, count, since: this.since } });
    this.counts.clear();
    this.due = Infinity;
  }

  private addRest(): void {
    const rest = this.counts.get('') ?? { principal: '', what: 'others', count: 0 };
    rest.count++;
    this.counts.set('', rest);
  }
}
