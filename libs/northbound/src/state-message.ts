import type { BatchRange, Clock } from '@smx-edge/model';
import type { Ledger } from './doors.js';

/** [oldest, next] by stream. */
export type Heads = Readonly<Record<string, BatchRange>>;

/** The `state` message (contracts §5), for one catalogue hash at a time. */
export class StateMessage {
  private s: 'online' | 'closing' = 'online';
  private since = 0;
  private readonly boot: number;

  constructor(
    private readonly o: {
      readonly clock: Clock;
      readonly epoch: number;
      readonly version: string;
      readonly ledger: Ledger;
      readonly boot?: number;
      readonly clockState: () => 'ok' | 'unsure';
    },
  ) {
    this.boot = o.boot ?? o.clock.now();
  }

  begin(): void {
    this.s = 'online';
    this.since = this.o.clock.now();
  }

  close(): void {
    this.s = 'closing';
    this.since = this.o.clock.now();
  }

  payload(cat: string, head: Heads = {}): Buffer {
    return this.make(this.s, cat, head);
  }

  /** The last will: what a broker tells once the connection is lost. `since` is then the last time it came up. */
  will(cat: string, head: Heads = {}): Buffer {
    return this.make('lost', cat, head);
  }

  private make(s: 'online' | 'lost' | 'closing', cat: string, head: Heads): Buffer {
    const { clockState, epoch, version, ledger } = this.o;
    return Buffer.from(
      JSON.stringify({
        s,
        since: this.since,
        boot: this.boot,
        epoch,
        head,
        cat,
        clock: clockState(),
        version,
        ledger: ledger.ledgerHead ?? null,
      }),
    );
  }
}
