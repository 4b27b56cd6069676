import type { Clock, PrincipalRecord } from '@smx-edge/model';
import { isPrincipalName } from '@smx-edge/model';
import type { LoginBook, PartyGate } from './doors.js';

/** CONNACK return codes (OASIS MQTT 3.1.1 §3.2.2.3). */
export const SERVER_UNAVAILABLE = 3;
export const BAD_CREDENTIALS = 4;

const FIRST_DELAY = 250;
const LONGEST_DELAY = 2000;
const FORGET = 60_000;
const MOST_ADDRESSES = 500;
/** Failed logins of one address held back at once; further ones are cut off. */
const MOST_HELD = 8;

interface Failures {
  count: number;
  held: number;
  last: number;
}

export type Verdict =
  | { readonly record: PrincipalRecord }
  /** `delay` in ms before the refusal is sent; undefined = cut the connection without an answer. */
  | { readonly refused: true; readonly delay: number | undefined };

/**
 * Checks names and tokens. A failure is answered late, the later the more of them come from one address; who shows a
 * valid token never waits, so that nobody can lock another one out.
 */
export class LoginDesk {
  failures = 0;
  private readonly byAddress = new Map<string, Failures>();

  constructor(private readonly o: { readonly book: LoginBook; readonly gate: PartyGate; readonly clock: Clock }) {}

  check(name: string | undefined, token: string | undefined, address: string): Verdict {
    const record = name === undefined || token === undefined ? undefined : this.o.book.login(name, token);
    if (record !== undefined) return { record };
    this.failures++;
    // only names that exist go into the ledger, so that a guesser cannot choose what it holds
    const known = name !== undefined && isPrincipalName(name) && this.o.book.list().some((one) => one.name === name);
    this.o.gate.deny(known ? name : 'unknown', 'mqtt/login');
    return { refused: true, delay: this.delay(address) };
  }

  private delay(address: string): number | undefined {
    const now = this.o.clock.monotonic();
    let entry = this.byAddress.get(address);
    if (entry === undefined || (entry.held === 0 && now - entry.last > FORGET)) {
      this.byAddress.delete(address);
      const [oldest] = this.byAddress.keys();
      if (this.byAddress.size >= MOST_ADDRESSES && oldest !== undefined) this.byAddress.delete(oldest);
      this.byAddress.set(address, (entry = { count: 0, held: 0, last: now }));
    }
    const failures = entry;
    failures.last = now;
    failures.count++;
    if (failures.held >= MOST_HELD) return undefined;
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(10, failures.count - 1));
    failures.held++;
    this.o.clock.after(delay, () => {
      failures.held--;
    });
    return delay;
  }
}
