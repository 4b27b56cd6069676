import { randomBytes } from 'node:crypto';
import type { Log } from '@smx-edge/model';
import { decodeFrame, MESSAGE_ID_BYTES, ownMessageId, type Frame } from '@smx-edge/protocols/ocpp-j';
import type { FarSide } from '../relay/far-side.js';
import { transactionIdOf, withTransactionId } from '../relay/transaction-id.js';
import type { WireFrame } from '../relay/wire.js';
import type { Entry, StationRecord } from './station-record.js';

export interface ReplayOptions {
  readonly farSide: FarSide;
  readonly record: StationRecord;
  /** Payloads of the last StatusNotification of each connector. */
  readonly statuses: readonly string[];
  readonly log: Log;
  /** ms for an answer. */
  readonly answerWithin: number;
}

type Asked = Pick<Entry, 'id' | 'action' | 'payload' | 'local'>;

/** 1.6 ed.2 §9.1.31: what a charge point does by itself with an error. */
const MOST_TRIES = 3;
const AGAIN_AFTER = 1_000;

/** Tells the back end what happened while it was away, one message at a time, oldest first, with the times of the charge point. */
export class Replay {
  private pending: (Pick<Asked, 'id' | 'local'> & { settle(frame: Frame | undefined): void }) | undefined;
  private isOver = false;

  constructor(private readonly o: ReplayOptions) {}

  /** Resolves to true once the back end was told all that is there; false where it went meanwhile. */
  async run(): Promise<boolean> {
    const { record } = this.o;
    if (!record.isPending) return this.drain();
    const { boot } = record.kept;
    if (boot !== undefined) await this.ask({ id: newId(), action: 'BootNotification', payload: boot });
    for (const payload of this.o.statuses) await this.ask({ id: newId(), action: 'StatusNotification', payload });
    return this.drain();
  }

  /** The same for what came since. */
  async drain(): Promise<boolean> {
    for (let entry = this.o.record.front; entry !== undefined; entry = this.o.record.front)
      if (!(await this.tell(entry))) return false;
    return !this.isOver;
  }

  /** Whether a frame of the back end was for this. */
  takes({ data }: WireFrame, id: string): boolean {
    if (this.pending?.id !== id) return false;
    const { settle, local } = this.pending;
    this.pending = undefined;
    const answer = decodeFrame(data);
    const real = answer?.kind === 'result' ? answer.payload['transactionId'] : undefined;
    // at once: the back end may name it in a message that came together with this one
    if (local !== undefined && typeof real === 'number') this.o.record.map(local, real);
    settle(answer);
    return true;
  }

  stop(): void {
    this.isOver = true;
    this.pending?.settle(undefined);
    this.pending = undefined;
  }

  private async tell(entry: Entry): Promise<boolean> {
    const { record, log } = this.o;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.ask(entry);
      if (this.isOver || answer === undefined) return false;
      if (answer.kind === 'result') {
        await this.took(entry, answer);
        return true;
      }
      if (tries === MOST_TRIES) break;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER * tries));
    }
    log.error('the back end refuses what happened while it was away, it is given up', { action: entry.action });
    await record.done(entry);
    return true;
  }

  private async took(entry: Entry, { payload: answer }: Frame): Promise<void> {
    const { record, log } = this.o;
    const { action, payload, local } = entry;
    if (local !== undefined) await record.save();
    const info = answer['idTagInfo'] as { readonly status?: unknown } | undefined;
    if (local !== undefined && info?.status !== undefined && info.status !== 'Accepted')
      log.warn('the back end does not accept who charged while it was away', { status: info.status });
    // before it is struck off: of what is told twice at the worst, nothing is forgotten
    if (action !== 'MeterValues') await record.keepLast({ action, payload, answer: { ...answer, ...(local !== undefined && { transactionId: local }) }, isRetold: true }); // prettier-ignore
    await record.done(entry);
    const ended = action === 'StopTransaction' ? transactionIdOf(Buffer.from(payload)) : undefined;
    if (ended !== undefined) await record.unmap(ended);
  }

  private ask({ id, action, payload, local }: Asked): Promise<Frame | undefined> {
    const { farSide, record, answerWithin } = this.o;
    const data = withTransactionId(
      Buffer.from(`[2,${JSON.stringify(id)},${JSON.stringify(action)},${payload}]`),
      record.realOf,
    );
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.stop();
        farSide.close({ code: 1006, reason: Buffer.alloc(0) });
      }, answerWithin);
      const settle = (frame: Frame | undefined): void => {
        clearTimeout(timer);
        resolve(frame);
      };
      this.pending = { id, settle, ...(local !== undefined && { local }) };
      if (this.isOver || !farSide.send({ data, isBinary: false })) this.stop();
    });
  }
}

const newId = (): string => ownMessageId(randomBytes(MESSAGE_ID_BYTES));
