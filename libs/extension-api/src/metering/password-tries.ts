import { randomBytes } from 'node:crypto';
import { SmxError } from '@smx-edge/model';
import type { InstanceState } from '../context.js';
import { credentialPrint } from './lock.js';

/** Times in a row that a password may stay without an answer, and how long apart it is given after that, ms. */
const MOST = 2;
const APART = 86_400_000;

interface Kept {
  readonly salt: string;
  readonly print: string;
  /** Whether the meter has ever taken it. */
  readonly isProven: boolean;
  readonly count: number;
  /** Of the last time, ms UTC. */
  readonly at: number;
}

export interface PasswordTriesOptions {
  readonly device: string;
  readonly credentials: Uint8Array;
  /** Whether what was taken once is given without limit: where silence says nothing of a meter, as behind a gateway. */
  readonly trustsProven?: boolean;
  /** ms UTC. */
  now(): number;
}

/**
 * Counts how often a password was given that the meter neither took nor refused, over restarts too: the answer that was lost may
 * have been that it is wrong, and a meter locks itself after a few of these.
 */
export class PasswordTries {
  private readonly key: string;
  private kept: Kept | undefined;
  private isRead = false;
  private isCounted = false;

  constructor(
    private readonly state: InstanceState,
    private readonly o: PasswordTriesOptions,
  ) {
    this.key = `tried:${o.device}`;
  }

  /**
   * Before a password goes out. One that was never taken is counted now, so that no kill leaves a time out; others are only once they
   * get no answer, since all goes to the disk. Rejects with SMX_METER_SILENT where it may not be given yet.
   */
  async begin(): Promise<void> {
    const { count, at, isProven } = await this.known();
    const now = this.o.now();
    this.isCounted = isProven && this.o.trustsProven === true;
    if (this.isCounted) return;
    // a clock that was set says nothing of how long it is ago
    if (count >= MOST && Math.abs(now - at) < APART)
      throw new SmxError('SMX_METER_SILENT', `The meter took no notice of its password ${count} times in a row; it is given once a day until it answers, because meters lock: check the line, then the password`); // prettier-ignore
    this.isCounted = !isProven || count > 0;
    if (this.isCounted) await this.keep({ count: count + 1, at: now });
  }

  /** The meter took it. */
  async proved(): Promise<void> {
    const { count, isProven } = await this.known();
    if (count > 0 || !isProven) await this.keep({ count: 0, isProven: true });
  }

  /** It was given, and no answer came that could be read. */
  async unanswered(): Promise<void> {
    if (this.isCounted) return;
    this.isCounted = true;
    await this.keep({ count: (await this.known()).count + 1, at: this.o.now() });
  }

  /** It was not given after all, or the meter said that it judged nothing. */
  async unused(): Promise<void> {
    const { count } = await this.known();
    if (this.isCounted && count > 0) await this.keep({ count: count - 1 });
  }

  private async known(): Promise<Kept> {
    if (!this.isRead) this.kept = await this.state.get<Kept>(this.key);
    this.isRead = true;
    const { kept } = this;
    if (kept !== undefined && kept.print === credentialPrint(this.o.credentials, kept.salt)) return kept;
    const salt = randomBytes(16).toString('hex');
    const print = credentialPrint(this.o.credentials, salt);
    return (this.kept = { salt, print, isProven: false, count: 0, at: 0 });
  }

  private async keep(change: Partial<Kept>): Promise<void> {
    this.kept = { ...(await this.known()), ...change };
    await this.state.set(this.key, this.kept);
  }
}
