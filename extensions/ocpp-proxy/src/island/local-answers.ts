import { randomBytes } from 'node:crypto';
import { decodeFrame, MESSAGE_ID_BYTES, ownMessageId, type Frame } from '@smx-edge/protocols/ocpp-j';
import type { StationRecord } from './station-record.js';
import type { TagList } from './tags.js';

type Answer = Readonly<Record<string, unknown>>;

export interface LocalAnswersOptions {
  readonly record: StationRecord;
  readonly tags: TagList;
  /** ms UTC. */
  readonly now: () => number;
  readonly dropped: (action: string) => void;
}

/** s, where the back end never gave one (1.6 ed.2 §9.1.10 leaves it to the box). */
const INTERVAL = 300;
const PLAIN = new Set(['StatusNotification', 'FirmwareStatusNotification', 'DiagnosticsStatusNotification']);

/** What a small back end of OCPP 1.6 says to the CALLs of a charge point. */
export class LocalAnswers {
  constructor(private readonly o: LocalAnswersOptions) {}

  /** Undefined where it has no answer; rejects where what has to be durable could not be made so: then there is none either. */
  async answer(data: Buffer): Promise<Answer | undefined> {
    const frame = decodeFrame(data);
    const { record, tags, now } = this.o;
    if (frame?.kind !== 'call') return undefined;
    const currentTime = new Date(now()).toISOString();
    const given = frame.payload['idTag'];
    const idTag = typeof given === 'string' ? given : '';
    switch (frame.action) {
      case 'BootNotification':
        return { status: 'Accepted', currentTime, interval: record.kept.interval ?? INTERVAL };
      case 'Heartbeat':
        return { currentTime };
      case 'Authorize':
        return { idTagInfo: tags.infoOf(idTag, now()) };
      case 'StartTransaction': {
        const known = record.answerTo('StartTransaction', JSON.stringify(frame.payload));
        if (known !== undefined) return known;
        const idTagInfo = tags.infoOf(idTag, now());
        return { transactionId: await this.started(frame), idTagInfo };
      }
      case 'StopTransaction': {
        const known = record.answerTo('StopTransaction', JSON.stringify(frame.payload));
        if (known === undefined) await this.keep(frame);
        return known ?? {};
      }
      case 'MeterValues':
        await this.measured(frame);
        return {};
      default:
        return PLAIN.has(frame.action ?? '') ? {} : undefined;
    }
  }

  private async started(frame: Frame): Promise<number> {
    const before = this.o.record.answered('StartTransaction', JSON.stringify(frame.payload));
    if (before !== undefined) return before;
    const local = await this.o.record.takeLocal();
    await this.keep(frame, local);
    return local;
  }

  private async measured(frame: Frame): Promise<void> {
    if (frame.payload['transactionId'] === undefined) return;
    if (this.o.record.hasRoomForMeterValues()) await this.keep(frame);
    else this.o.dropped('MeterValues');
  }

  private async keep({ action = '', payload }: Frame, local?: number): Promise<void> {
    const text = JSON.stringify(payload);
    if (this.o.record.answered(action, text) !== undefined) return;
    const id = ownMessageId(randomBytes(MESSAGE_ID_BYTES));
    await this.o.record.add({ id, action, payload: text, ...(local !== undefined && { local }) });
  }
}
