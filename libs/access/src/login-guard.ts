import { SmxError, isPrincipalName, type Clock, type Disposable, type PrincipalRecord } from '@smx-edge/model';
import { isPassword } from './password.js';

/** Guesses of one account within a minute, whoever makes them. */
const MOST_GUESSES = 10;
const MINUTE = 60_000;
/** A failure is answered late, each further one of an account from one address twice as late, ms. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 8_000;
/** Accounts and addresses kept; the longest unused goes first. */
const MOST_KEPT = 2_000;

export interface LoginBook {
  /** The user of this name; undefined where there is none. */
  user(name: string): PrincipalRecord | undefined;
}

export interface LoginGuardOptions {
  readonly book: LoginBook;
  readonly clock: Clock;
  /** Told of each refused guess; `principal` is `unknown` where there is no such user. */
  readonly deny: (principal: string, what: string) => void;
}

interface Failures {
  count: number;
  last: number;
}

/**
 * The way in by name and password. A guess at a name that does not exist takes as long, is counted and delayed as one
 * at a name that does.
 */
export class LoginGuard {
  private readonly guesses = new Map<string, number[]>();
  private readonly failures = new Map<string, Failures>();
  private readonly delays = new Set<Disposable>();

  constructor(private readonly options: LoginGuardOptions) {}

  /**
   * Who holds this password. Throws SMX_ACCESS_LOGIN after a delay that doubles with each failure of this account from
   * this address, SMX_HTTP_RATE beyond ten guesses of the account within a minute, right ones included until one is right.
   */
  async login(name: string, password: string, address: string): Promise<PrincipalRecord> {
    const account = isPrincipalName(name) ? name : '?';
    this.count(account);
    const user = this.options.book.user(name);
    const right = await isPassword(password, user?.password);
    // asked again: the user may be gone, or have another password, since the work began
    if (right && user !== undefined && this.options.book.user(name) === user) {
      this.guesses.delete(account);
      this.failures.delete(`${account} ${address}`);
      return user;
    }
    this.options.deny(user === undefined ? 'unknown' : name, 'login with a wrong name or password');
    await this.wait(this.delay(`${account} ${address}`));
    throw new SmxError('SMX_ACCESS_LOGIN', 'the name or the password is wrong');
  }

  /** Takes one guess of a secret that is not a user's; throws SMX_HTTP_RATE beyond ten a minute. */
  count(account: string): void {
    const now = this.options.clock.monotonic();
    const recent = (this.guesses.get(account) ?? []).filter((t) => now - t < MINUTE);
    this.guesses.delete(account);
    this.guesses.set(account, recent);
    trim(this.guesses);
    if (recent.length >= MOST_GUESSES) {
      const seconds = Math.ceil((recent[0]! + MINUTE - now) / 1000);
      this.options.deny(this.options.book.user(account) === undefined ? 'unknown' : account, 'login guessed too often');
      throw new SmxError('SMX_HTTP_RATE', `too many guesses at this account; try again in ${seconds} s`);
    }
    recent.push(now);
  }

  /** Seconds until an account may be guessed at again; 0 = now. */
  retryAfter(name: string): number {
    const guesses = this.guesses.get(isPrincipalName(name) ? name : '?') ?? [];
    if (guesses.length < MOST_GUESSES) return 0;
    return Math.max(0, Math.ceil((guesses[0]! + MINUTE - this.options.clock.monotonic()) / 1000));
  }

  /** Ends what waits. */
  close(): void {
    for (const delay of this.delays) delay.dispose();
    this.delays.clear();
  }

  private delay(key: string): number {
    const now = this.options.clock.monotonic();
    const before = this.failures.get(key);
    const count = before === undefined || now - before.last > MINUTE ? 0 : before.count;
    this.failures.delete(key);
    this.failures.set(key, { count: count + 1, last: now });
    trim(this.failures);
    return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(count, 10));
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const delay = this.options.clock.after(ms, () => {
        this.delays.delete(delay);
        resolve();
      });
      this.delays.add(delay);
    });
  }
}

function trim(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KEPT) return;
    map.delete(oldest);
  }
}
