import type { Clock, Disposable, Log, NewEvent } from '@smx-edge/model';
import { isSmxError, SmxError } from '@smx-edge/model';
import type { Gap } from '../journal/gap.js';
import { Listeners } from '../live/listeners.js';
import type { Left } from '../worker/protocol.js';
import type { Usage } from '../worker/quota.js';
import { fromWire, type Notice, type ThreadLink } from './thread-link.js';

/** ms from the end of a thread to the next one: twice as long after each that could not open the store. */
const PAUSE = { first: 1000, longest: 5000 };

export interface LifelineOptions {
  readonly link: ThreadLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly epoch: number;
  /** Gives a new thread again what the one before may not have kept. */
  readonly renew: () => void;
  /** What is asked without waiting for the answer. */
  readonly post: (asked: Promise<unknown>) => void;
  /** Keeps an event that tells of a fault. */
  readonly tell: (event: NewEvent) => void;
}

/** What is wrong with the store, and what one thread of it hands on to the next. */
export class Lifeline implements Disposable {
  /** What samples and windows take of what they may, as it was told last. */
  usage: Usage | undefined;
  private readonly listeners = new Listeners<SmxError | undefined>();
  private present: SmxError | undefined;
  private restart: Disposable | undefined;
  private pause = PAUSE.first;
  private isClosed = false;
  /** Known before `left`: that it has come may show only once the end of its thread was told. */
  private isLeaving = false;
  private left: Left | undefined;
  /** Gaps that found no thread to be told to. */
  private gaps: Gap[] = [];
  /** When the present fault began, and what it was first. */
  private began: { readonly t: number; readonly code: string } | undefined;

  constructor(private readonly o: LifelineOptions) {}

  get fault(): SmxError | undefined {
    return this.present;
  }

  onFault(listener: (fault: SmxError | undefined) => void): Disposable {
    return this.listeners.add(listener);
  }

  /** What the thread says of itself. */
  notice(notice: Extract<Notice, { kind: 'usage' | 'leaving' | 'fault' }>): void {
    if (notice.kind === 'usage') this.usage = notice.usage;
    else if (notice.kind === 'leaving') void this.leave();
    else this.set(notice.error === undefined ? undefined : fromWire(notice.error));
  }

  /** Something is wrong, something else, or nothing any more. */
  private set(fault: SmxError | undefined): void {
    const before = this.present;
    if (before?.code === fault?.code && before?.message === fault?.message) return;
    this.present = fault;
    if (fault === undefined) this.o.log.info('the store takes writes again');
    // a full disk has other words with each kind of file
    else if (fault.code !== before?.code)
      this.o.log.error('the store cannot write', { code: fault.code, error: fault.message });
    this.listeners.call(fault);
    this.tell(fault);
  }

  /** Tells a gap, to the next thread where there is none. */
  gap(gap: Gap): void {
    const { link } = this.o;
    if (!link.isOpen) this.gaps.push(gap);
    else this.o.post(link.ask('gap', gap).catch(() => void this.gaps.push(gap)));
  }

  /** The thread lets go of its files; what it has is for the next one. */
  private async leave(): Promise<void> {
    this.isLeaving = true;
    try {
      this.left = await this.o.link.leave();
    } catch (error) {
      this.o.log.error('what the thread of the store had in memory is lost', { error: String(error) });
    }
  }

  /** There is no thread yet. */
  begin(fault: SmxError): void {
    this.set(fault);
    this.retry();
  }

  /** The thread is gone. */
  died(reason: string): void {
    if (!this.isLeaving)
      this.set(new SmxError('SMX_STORE_FAILED', `the thread of the store ended (${reason}); it is started again`));
    this.retry();
  }

  dispose(): void {
    this.isClosed = true;
    this.restart?.dispose();
  }

  private retry(): void {
    this.restart = this.o.clock.after(this.pause, () => void this.reopen());
    this.pause = Math.min(2 * this.pause, PAUSE.longest);
  }

  private async reopen(): Promise<void> {
    const { link, epoch } = this.o;
    const cut = this.left === undefined ? {} : { cut: this.left.cut };
    let found: number;
    try {
      ({ epoch: found } = await link.open({ epoch, ...cut }));
      // closed meanwhile, it would never end
      if (this.isClosed) {
        await link.close();
        return;
      }
    } catch (error) {
      this.set(isSmxError(error) ? error : new SmxError('SMX_STORE_FAILED', String(error), { cause: error }));
      if (!this.isClosed) this.retry();
      return;
    }
    if (found !== epoch) {
      // handles mean other points there: nothing more may reach it
      this.o.post(link.close());
      this.set(new SmxError('SMX_STORE_DAMAGED', 'the database was damaged while running; restart the core'));
      return;
    }
    this.pause = PAUSE.first;
    this.o.renew();
    this.handOn();
    this.set(undefined);
  }

  private handOn(): void {
    const { link, post } = this.o;
    const gaps = [...(this.left?.gaps ?? []), ...this.gaps];
    const records = this.left?.records ?? [];
    this.left = undefined;
    this.isLeaving = false;
    this.gaps = [];
    for (const gap of gaps) this.gap(gap);
    for (const { record, range } of records)
      post(
        link.ask('samples', { record, range }).catch(() => {
          const { samples, minReceived: from, maxReceived: to } = range;
          this.gap({ why: 'write-failed', samples, from, to });
        }),
      );
  }

  private tell(fault: SmxError | undefined): void {
    const { clock, tell } = this.o;
    const now = clock.now();
    const { began } = this;
    if (fault !== undefined && began === undefined) {
      this.began = { t: now, code: fault.code };
      tell(faultEvent(now, fault.code, { state: 'raised', text: `The store cannot write: ${fault.message}.` }));
    } else if (fault === undefined && began !== undefined) {
      this.began = undefined;
      const text = `The store writes again; it could not since ${new Date(began.t).toISOString()}.`;
      tell({ ...faultEvent(now, began.code, { state: 'cleared', text }), data: { from: began.t, to: now } });
    }
  }
}

const faultEvent = (t: number, code: string, how: Pick<NewEvent, 'state' | 'text'>): NewEvent => ({
  ...{ t, path: 'box', code, severity: 'critical' },
  ...how,
});
