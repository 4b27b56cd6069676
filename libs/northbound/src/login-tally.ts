import type { Clock, Disposable } from '@smx-edge/model';
import type { Ledger } from './doors.js';

const SPAN = 60_000;

/** Logins in the ledger: the first of a principal at once, further ones summed per minute, so that a client that reconnects for ever fills no card. */
export class LoginTally {
  private readonly more = new Map<string, number>();
  private timer: Disposable | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  add(principal: string): void {
    const more = this.more.get(principal);
    this.more.set(principal, more === undefined ? 0 : more + 1);
    if (more === undefined) this.write(principal, 1);
    this.timer ??= this.clock.after(SPAN, () => this.flush());
  }

  /** Writes the sums of the running minute. */
  flush(): void {
    this.timer?.dispose();
    this.timer = undefined;
    for (const [principal, count] of this.more) if (count > 0) this.write(principal, count);
    this.more.clear();
  }

  private write(principal: string, count: number): void {
    this.ledger.append({ t: this.clock.now(), kind: 'login', principal, data: { via: 'mqtt', count } });
  }
}
