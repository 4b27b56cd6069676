import { HistoryDamage, isDamage } from '../database/database.js';
import { RowDamage } from '../database/row-sum.js';
import { Departure } from './departure.js';
import type { Faults } from './faults.js';
import type { Answer, Request, WireError } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';

export interface EndingOptions {
  readonly faults: Faults;
  readonly tell: (answer: Answer) => void;
  readonly ended: () => void;
  /** By the store's clock, at the last request. */
  readonly now: () => number;
  /** Ends the chores where they stand. */
  readonly stopChores: () => void;
  /** Signs where the chains end. */
  readonly seal: (now: number) => void;
}

/** How the thread ends, once: as it is asked to, over damage, or without writing where its files are of no use. */
export class Ending {
  /** Since it let go of its files. */
  departure: Departure | undefined;
  private begun = false;

  constructor(
    private readonly store: StoreThread,
    private readonly o: EndingOptions,
  ) {}

  get hasBegun(): boolean {
    return this.begun;
  }

  /** Ends the thread without writing: the next one opens what is there then. */
  letGo(why: WireError): void {
    if (!this.begin()) return;
    const { tell, ended } = this.o;
    this.departure = new Departure(this.store, { why, tell, ended });
  }

  /**
   * Damage met in use: what is journalled is safe, and the thread that takes this one's place begins with another file.
   * `met` is where it was, if the error does not say. Tells whether it was damage.
   */
  suspect(error: unknown, met: 'store' | 'history' = 'history'): boolean {
    if (!isDamage(error)) return false;
    if (!this.begin()) return true;
    const file = error instanceof HistoryDamage ? 'history' : error instanceof RowDamage ? 'store' : met;
    this.store.suspect(file);
    try {
      this.store.close(this.o.now());
    } catch (closing) {
      // samples that could not be written are told by the next thread; the damage is what there is to say
      this.o.faults.raise('database', wireError(closing));
    } finally {
      this.o.ended();
    }
    return true;
  }

  /** The end that was asked for. */
  close({ id, now }: Request): void {
    if (!this.begin()) return;
    const { tell, ended } = this.o;
    try {
      this.seal(now);
      this.store.close(now);
      tell({ kind: 'done', id, out: undefined });
    } catch (error) {
      tell({ kind: 'failed', id, error: wireError(error) });
    }
    ended();
  }

  private begin(): boolean {
    if (this.begun) return false;
    this.begun = true;
    this.o.stopChores();
    return true;
  }

  /** A seal that the disk refuses comes with the next start. */
  private seal(now: number): void {
    try {
      this.o.seal(now);
    } catch (error) {
      this.o.faults.raise('database', wireError(error));
    }
  }
}
