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
  /** Of the instance: whoever changes it has looked after the meter, and may try again. */
  readonly config: unknown;
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
  private readonly of: Uint8Array;
  private kept: Kept | undefined;
  private isRead = false;
  /** What goes out now is counted already. */
  private isCounted = false;

  constructor(
    private readonly state: InstanceState,
    private readonly o: PasswordTriesOptions,
  ) {
    this.key = `tried:${o.device}`;
    this.of = Buffer.concat([o.credentials, Buffer.from(JSON.stringify(o.config))]);
  }

  /** Rejects with SMX_METER_SILENT where the password may not be given yet. */
  async check(): Promise<void> {
    const { count, at, isProven } = await this.known();
    if (isProven && this.o.trustsProven === true) return;
    // a clock that was set says nothing of how long it is ago
    if (count >= MOST && Math.abs(this.o.now() - at) < APART)
      throw new SmxError('SMX_METER_SILENT', `The meter took no notice of its password ${count} times in a row; it is given once a day now, because meters lock, and at once when the config changes: check the line, then the password`); // prettier-ignore
  }

  /**
   * The password goes out now. One that was never taken is counted before, so that no kill leaves a time out; others are only once
   * they get no answer, since all goes to the disk. Rejects as `check` does.
   */
  async begin(): Promise<void> {
    await this.check();
    const { count, isProven } = await this.known();
    this.isCounted = !isProven || count > 0;
    if (this.isCounted) await this.count();
  }

  /** The meter took it. */
  async proved(): Promise<void> {
    const { count, isProven } = await this.known();
    this.isCounted = false;
    if (count > 0 || !isProven) await this.keep({ count: 0, isProven: true });
  }

  /** It was given, and no answer came that could be read. */
  async unanswered(): Promise<void> {
    if (!this.isCounted) await this.count();
    this.isCounted = false;
  }

  private async count(): Promise<void> {
    const { count, isProven } = await this.known();
    if (isProven && this.o.trustsProven === true) return;
    await this.keep({ count: count + 1, at: this.o.now() });
  }

  private async known(): Promise<Kept> {
    if (!this.isRead) this.kept = await this.state.get<Kept>(this.key);
    this.isRead = true;
    const { kept } = this;
    if (kept !== undefined && kept.print === credentialPrint(this.of, kept.salt)) return kept;
    const salt = randomBytes(16).toString('hex');
    const print = credentialPrint(this.of, salt);
    return (this.kept = { salt, print, isProven: false, count: 0, at: 0 });
  }

  private async keep(change: Partial<Kept>): Promise<void> {
    this.kept = { ...(await this.known()), ...change };
    await this.state.set(this.key, this.kept);
  }
}
