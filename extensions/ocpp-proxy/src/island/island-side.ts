import { describeError, type Log } from '@smx-edge/model';
import { decodeFrame, peekFrame, type FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { FarSide, FarSideListener } from '../relay/far-side.js';
import { transactionIdOf, withTransactionId } from '../relay/transaction-id.js';
import type { LinkEnd, WireFrame } from '../relay/wire.js';
import type { LocalAnswers } from './local-answers.js';
import { Replay } from './replay.js';
import type { StationRecord } from './station-record.js';

export interface IslandSideOptions {
  /** That of the charge point's connection. */
  readonly protocol: string;
  readonly record: StationRecord;
  readonly answers: LocalAnswers;
  readonly log: Log;
  readonly answerWithin: number;
  /** Dials the back end, until `back` or `unwanted` is called or the function that is returned. */
  readonly redial: (back: (farSide: FarSide) => void, unwanted: () => void) => () => void;
  /** An answer that no back end gave. */
  readonly isOwn: (frame: WireFrame) => void;
}

const MOST_STATUSES = 64;
const OF_TRANSACTIONS = new Set(['StartTransaction', 'StopTransaction', 'MeterValues']);
/** Policy: the back end does not let it in any more. */
const UNWANTED: LinkEnd = { code: 1008, reason: Buffer.alloc(0) };

/**
 * Stands behind a charge point whose back end is away: answers it, and once the back end is back tells that what happened; then it
 * passes on, and only the numbers of transactions that began meanwhile are other ones on either side.
 */
export class IslandSide implements FarSide {
  private listener: FarSideListener | undefined;
  /** Of a back end that was there before the charge point was answered. */
  private early: WireFrame[] = [];
  private real: FarSide | undefined;
  private replay: Replay | undefined;
  private isThrough = false;
  private isClosed = false;
  private stopRedial: (() => void) | undefined;
  private turn: Promise<void> = Promise.resolve();
  private waiting = 0;
  private waitingBytes = 0;
  private readonly statuses = new Map<string, string>();
  /** CALLs of the back end that is there: no other answer is for it. */
  private readonly asked = new Set<string>();
  /** Stops on their way to the back end, with the transactions that they end. */
  private readonly stops = new Map<string, number>();

  readonly protocol: string;

  constructor(
    private readonly o: IslandSideOptions,
    real?: FarSide,
  ) {
    this.protocol = o.protocol;
    if (real) this.came(real);
    else this.dial();
  }

  get isOpen(): boolean {
    return !this.isClosed || this.real?.isOpen === true;
  }

  /** Until the back end is there, even where it has yet to be told what happened. */
  get isStandIn(): boolean {
    return this.real === undefined;
  }

  get bufferedAmount(): number {
    return this.waitingBytes + (this.real?.bufferedAmount ?? 0);
  }

  send(frame: WireFrame, sent?: () => void): boolean {
    if (this.isClosed) return false;
    if (this.isThrough && this.waiting === 0) return this.pass(frame, sent);
    this.waitingBytes += frame.data.length;
    this.inTurn(async () => {
      try {
        if (this.isClosed) return;
        if (this.isThrough) this.pass(frame);
        else await this.serve(frame);
      } finally {
        // who says more than is served meanwhile has to wait
        this.waitingBytes -= frame.data.length;
        sent?.();
      }
    });
    return true;
  }

  close(end: LinkEnd): void {
    this.isClosed = true;
    this.stopRedial?.();
    this.replay?.stop();
    this.real?.close(end);
  }

  pause(): void {
    this.real?.pause();
  }

  resume(): void {
    this.real?.resume();
  }

  listen(listener: FarSideListener): void {
    this.listener = listener;
    for (const frame of this.early.splice(0)) listener.frame(frame);
  }

  private tell(frame: WireFrame): void {
    if (this.listener) this.listener.frame(frame);
    else this.early.push(frame);
  }

  private dial(): void {
    this.stopRedial = this.o.redial(
      (farSide) => this.came(farSide),
      () => this.ended(UNWANTED),
    );
  }

  private came(real: FarSide): void {
    this.stopRedial = undefined;
    if (this.isClosed || real.protocol !== this.protocol) {
      real.close({ code: 1001, reason: Buffer.alloc(0) });
      if (!this.isClosed) this.ended({ code: 1001, reason: Buffer.alloc(0) });
      return;
    }
    this.real = real;
    const { record, log, answerWithin } = this.o;
    const replay = new Replay({ farSide: real, record, statuses: [...this.statuses.values()], log, answerWithin });
    this.replay = replay;
    real.listen({
      frame: (frame) => this.heard(frame),
      end: (end) => this.realGone(real, end),
    });
    this.listener?.came?.();
    void this.retell(replay);
  }

  private async retell(replay: Replay): Promise<void> {
    try {
      if (!(await replay.run())) return;
      // what the charge point says meanwhile is told too, before anything is passed on
      this.inTurn(async () => {
        if (this.replay !== replay || !(await replay.drain())) return;
        this.replay = undefined;
        this.isThrough = true;
        this.o.log.info('the back end has all that happened while it was away', {});
      });
    } catch (error) {
      this.o.log.error('the back end could not be told what happened while it was away', {
        error: describeError(error),
      });
      this.real?.close({ code: 1001, reason: Buffer.alloc(0) });
    }
  }

  private realGone(real: FarSide, end: LinkEnd): void {
    if (this.real !== real) return;
    this.real = undefined;
    this.replay?.stop();
    this.replay = undefined;
    this.asked.clear();
    this.stops.clear();
    if (this.isClosed) return;
    if (this.isThrough) this.ended(end);
    else {
      this.listener?.away?.(end);
      this.dial();
    }
  }

  private ended(end: LinkEnd): void {
    this.isClosed = true;
    this.listener?.end(end);
  }

  private inTurn(run: () => Promise<void>): void {
    this.waiting += 1;
    this.turn = this.turn
      .then(run)
      .catch((error: unknown) => {
        this.o.log.error('a message of a charge point could not be kept, it is not answered', { error: describeError(error) }); // prettier-ignore
      })
      .then(() => {
        this.waiting -= 1;
      });
  }

  private async serve(frame: WireFrame): Promise<void> {
    const head = peekFrame(frame.data);
    if (head?.kind !== 'call') {
      if (head !== undefined && this.asked.delete(head.id)) this.real?.send(frame);
      return;
    }
    if (head.action === 'StatusNotification') this.note(frame.data);
    const answer = await this.o.answers.answer(frame.data);
    if (answer === undefined) return;
    this.answerIt(head.id, answer);
  }

  private note(data: Buffer): void {
    const payload = decodeFrame(data)?.payload;
    if (payload === undefined || (this.statuses.size >= MOST_STATUSES && !this.statuses.has(String(payload['connectorId'])))) return; // prettier-ignore
    this.statuses.set(String(payload['connectorId']), JSON.stringify(payload));
  }

  private pass(frame: WireFrame, sent?: () => void): boolean {
    const { record } = this.o;
    const head = peekFrame(frame.data);
    if (head !== undefined && isAnswer(head) && !this.asked.delete(head.id)) return true;
    if (head?.kind === 'call' && record.mayRepeat && this.isRepeat(frame, head)) {
      sent?.();
      return true;
    }
    if (head?.kind !== 'call' || record.kept.numbers.length === 0) return this.real?.send(frame, sent) ?? false;
    const id = transactionIdOf(frame.data);
    if (head.action === 'StopTransaction' && id !== undefined) this.stops.set(head.id, id);
    return this.real?.send({ ...frame, data: withTransactionId(frame.data, record.realOf) }, sent) ?? false;
  }

  /** Whether the charge point says what this box told already: it has the answer of the back end. */
  private isRepeat({ data }: WireFrame, { id, action = '' }: FrameHead): boolean {
    if (!OF_TRANSACTIONS.has(action)) return false;
    const { record } = this.o;
    const answer = record.answerTo(action, JSON.stringify(decodeFrame(data)?.payload));
    if (answer === undefined) {
      // it has gone on: it has its answers
      record.forgetLast().catch(() => {});
      return false;
    }
    this.answerIt(id, answer);
    return true;
  }

  private answerIt(id: string, answer: Readonly<Record<string, unknown>>): void {
    const own = { data: Buffer.from(JSON.stringify([3, id, answer])), isBinary: false };
    this.o.isOwn(own);
    this.tell(own);
  }

  private heard(frame: WireFrame): void {
    const head = peekFrame(frame.data);
    if (head !== undefined && this.replay?.takes(frame, head.id) === true) return;
    // answers to what was told are for nobody else
    if (head !== undefined && isAnswer(head) && !this.isThrough) return;
    const ended = head === undefined ? undefined : this.stops.get(head.id);
    if (ended !== undefined) {
      this.stops.delete(head!.id);
      void this.o.record.unmap(ended).catch(() => {});
    }
    const isCall = head?.kind === 'call';
    if (isCall) this.asked.add(head.id);
    this.tell(isCall ? { ...frame, data: withTransactionId(frame.data, this.o.record.localOf) } : frame);
  }
}

const isAnswer = ({ kind }: FrameHead): boolean => kind !== 'call' && kind !== 'send';
