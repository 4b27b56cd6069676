import type { Answer } from '../ocpp/index.js';
import type { Dialect, TransactionNews } from './dialect.js';
import { effectiveLimit, type EffectiveLimit, type LimitCase } from './effective-limit.js';
import type { Outbox } from './outbox.js';
import type { Outlet } from './outlet.js';
import type { ProfileStore } from './profile-store.js';
import { measure, type ReadingContext, type ReadingSet } from './reading.js';
import type { Settings } from './settings.js';
import type { Tokens } from './tokens.js';
import type { ChargingState, OutletStatus, StopReason, Transaction } from './transaction.js';

export interface ChargingUse {
  readonly outlet: Outlet;
  readonly settings: Settings;
  readonly profiles: ProfileStore;
  readonly dialect: Dialect;
  readonly outbox: Outbox;
  readonly tokens: Tokens;
  readonly phases: 1 | 3;
  /** A per phase. */
  readonly most: number;
  /** Presented when a car is plugged in; null = none is. */
  readonly tag: string | null;
  isOnline(): boolean;
  now(): number;
}

interface Permit {
  readonly tag: string;
  readonly remoteStartId?: number;
}

/** Under it a station offers nothing (IEC 61851-1). */
const LEAST = 6;
/** ms until a token is presented again that nobody could judge. */
const AGAIN = 30_000;
const STATES: Readonly<Partial<Record<OutletStatus, ChargingState>>> = { Charging: 'Charging', SuspendedEV: 'SuspendedEV', SuspendedEVSE: 'SuspendedEVSE' }; // prettier-ignore

/** The outlet of a station from plug to plug: who may charge, how much, and what is told of it. */
export class Charging {
  transaction: Transaction | undefined;
  private isAvailable = true;
  private isWanted = true;
  private permit: Permit | undefined;
  private isAsking = false;
  private askAgain = -Infinity;
  /** The car has had its transaction. */
  private isOver = false;
  private count = 0;
  private sampled = -Infinity;
  private limited: { readonly limit: EffectiveLimit; readonly t: number; readonly of: unknown[] } | undefined;
  private ampere = 0;

  constructor(private readonly use: ChargingUse) {}

  /** A per phase that the car is offered: 0, or 6 and more. */
  get offered(): number {
    return this.ampere;
  }

  get limit(): EffectiveLimit {
    return this.limitAt(this.use.now());
  }

  get status(): OutletStatus {
    const { outlet } = this.use;
    if (this.transaction !== undefined) {
      if (this.ampere < LEAST) return 'SuspendedEVSE';
      return outlet.isFull ? 'SuspendedEV' : 'Charging';
    }
    if (!this.isAvailable) return 'Unavailable';
    if (!outlet.isPlugged) return 'Available';
    return this.isOver ? 'Finishing' : 'Preparing';
  }

  /** The second that begins at `t`, ms UTC. */
  second(t: number): void {
    const { outlet, phases } = this.use;
    outlet.pass(t);
    if (!outlet.isPlugged) this.unplugged();
    else if (this.transaction === undefined && !this.isOver && this.isAvailable) {
      if (this.permit !== undefined) this.begin(this.permit, t);
      else this.present(t);
    }
    const limit = this.limitAt(t);
    this.ampere = this.transaction === undefined || limit.ampere < LEAST ? 0 : limit.ampere;
    outlet.offer(this.ampere, [0, 1, 2].slice(0, Math.min(limit.phases, phases)));
    this.tellState(t);
  }

  /** Somebody is there to ask: what nobody could judge is presented again. */
  online(): void {
    if (Number.isFinite(this.askAgain)) this.askAgain = -Infinity;
  }

  /** Tells values of the transaction where it is time to. */
  sample(t: number): void {
    const interval = this.use.settings.number('MeterValueSampleInterval') * 1000;
    if (this.transaction === undefined || interval <= 0 || t - this.sampled < interval) return;
    this.sampled = t;
    this.tell({ what: 'values', set: this.measured(t, 'Sample.Periodic') });
  }

  measured(t: number, context: ReadingContext): ReadingSet {
    const { outlet, phases } = this.use;
    return measure({ outlet, phases, offered: this.ampere }, t, context);
  }

  /** The token of a card: ends a transaction, or begins one. */
  async swipe(tag: string): Promise<void> {
    if (this.transaction !== undefined) {
      this.stop('Local');
      return;
    }
    this.isOver = false;
    if ((await this.use.tokens.judge(tag)) === true) this.permit = { tag };
  }

  remoteStart(tag: string, remoteStartId?: number): boolean {
    if (this.transaction !== undefined || !this.isAvailable) return false;
    this.isOver = false;
    const permit = { tag, ...(remoteStartId !== undefined && { remoteStartId }) };
    if (!this.use.settings.is('AuthorizeRemoteTxRequests')) this.permit = permit;
    else void this.use.tokens.judge(tag).then((isGood) => {
      if (isGood === true) this.permit = permit;
    }); // prettier-ignore
    return true;
  }

  remoteStop(id: string): boolean {
    if (this.transaction?.id !== id) return false;
    this.stop('Remote');
    return true;
  }

  stop(reason: StopReason): void {
    if (this.transaction === undefined) return;
    this.tell({ what: 'end', set: this.measured(this.use.now(), 'Transaction.End'), reason });
    this.transaction = undefined;
    this.permit = undefined;
    this.isOver = true;
    this.isAvailable = this.isWanted;
    this.use.profiles.clear({ purpose: 'TxProfile' });
  }

  /** Whether it was so at once. */
  available(isAvailable: boolean): boolean {
    this.isWanted = isAvailable;
    if (this.transaction !== undefined) return isAvailable;
    this.isAvailable = isAvailable;
    return true;
  }

  private unplugged(): void {
    this.stop('EVDisconnected');
    this.isOver = false;
    this.askAgain = -Infinity;
  }

  private present(t: number): void {
    const { tag, tokens } = this.use;
    if (tag === null || this.isAsking || t < this.askAgain) return;
    this.isAsking = true;
    void tokens.judge(tag).then((isGood) => {
      this.isAsking = false;
      if (isGood === true) this.permit = { tag };
      // what was refused is until the next plug
      else this.askAgain = isGood === undefined ? t + AGAIN : Infinity;
    });
  }

  private begin({ tag, remoteStartId }: Permit, began: number): void {
    const { dialect, outlet, isOnline } = this.use;
    const number = ++this.count;
    const id = dialect.idFor({ number, began });
    const transaction: Transaction = {
      ...{ number, tag, began, meterStart: Math.floor(outlet.energy), isOffline: !isOnline(), seqNo: 0 },
      ...(remoteStartId !== undefined && { remoteStartId }),
      ...(id !== undefined && { id }),
    };
    this.transaction = transaction;
    this.permit = undefined;
    this.sampled = began;
    transaction.told = 'EVConnected';
    this.tell({ what: 'begin', set: this.measured(began, 'Transaction.Begin') });
  }

  private begun(transaction: Transaction, answer: Answer): void {
    const { dialect, tokens, settings } = this.use;
    dialect.began(transaction, answer);
    const isGood = dialect.isAccepted(answer);
    if (isGood !== undefined) tokens.learn(transaction.tag, isGood);
    if (isGood === false && this.transaction === transaction && settings.is('StopTransactionOnInvalidId'))
      this.stop('DeAuthorized');
  }

  private tellState(t: number): void {
    const { transaction } = this;
    const state = STATES[this.status];
    if (transaction === undefined || state === undefined || transaction.told === state) return;
    transaction.told = state;
    this.tell({ what: 'state', state, t });
  }

  private tell(news: Untold): void {
    const { dialect, outbox, isOnline } = this.use;
    const transaction = this.transaction!;
    const message = dialect.transaction(transaction, { ...news, isOffline: !isOnline() });
    if (message === undefined) return;
    const isFirst = news.what === 'begin';
    outbox.keep({
      ...message,
      isPeriodic: news.what === 'values',
      ...(isFirst && { done: (answer: Answer) => this.begun(transaction, answer) }),
    });
  }

  private limitAt(t: number): EffectiveLimit {
    const { profiles, phases, most } = this.use;
    const { id = '', began = t } = this.transaction ?? {};
    const transaction = this.transaction && { id, began };
    const of = [profiles.list, this.transaction, id];
    const known = this.limited;
    if (known !== undefined && t >= known.t && t < known.limit.until && of.every((each, i) => each === known.of[i])) return known.limit; // prettier-ignore
    const limitCase: LimitCase = { connector: 1, phases, most, transaction };
    const limit = effectiveLimit(profiles.list, t, limitCase);
    this.limited = { limit, t, of };
    return limit;
  }
}

type Without<T> = T extends unknown ? Omit<T, 'isOffline'> : never;
type Untold = Without<TransactionNews>;
