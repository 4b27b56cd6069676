import { readMeterValues } from '@smx-edge/protocols/ocpp-j';
import { iso, objectOf, textOf, wholeOf, type JsonObject } from '../ocpp/index.js';
import type { Bill } from './bill.js';

export interface Asked {
  readonly station: string;
  readonly payload: JsonObject;
  readonly bill: Bill;
  /** ms UTC */
  readonly now: number;
  /** s */
  readonly heartbeat: number;
  readonly isGood: (tag: string) => boolean;
}

type Answerer = (asked: Asked) => JsonObject;

const REGISTER = 'energy/active/import';

const info = (isGood: boolean): JsonObject => ({ status: isGood ? 'Accepted' : 'Invalid' });
const tokenOf = (payload: JsonObject): string | undefined => textOf(objectOf(payload, 'idToken'), 'idToken');

const SHARED: Readonly<Record<string, Answerer>> = {
  BootNotification: ({ now, heartbeat }) => ({ status: 'Accepted', currentTime: iso(now), interval: heartbeat }),
  Heartbeat: ({ now }) => ({ currentTime: iso(now) }),
  DataTransfer: () => ({ status: 'Accepted' }),
};

const OF_16: Readonly<Record<string, Answerer>> = {
  ...SHARED,
  Authorize: ({ payload, isGood }) => ({ idTagInfo: info(isGood(textOf(payload, 'idTag') ?? '')) }),
  StartTransaction({ station, payload, bill, isGood }) {
    const tag = textOf(payload, 'idTag') ?? '';
    const startedAt = textOf(payload, 'timestamp') ?? '';
    const id = bill.start({ station, tag, startedAt, meterStart: wholeOf(payload, 'meterStart') ?? 0 });
    return { transactionId: Number(id), idTagInfo: info(isGood(tag)) };
  },
  StopTransaction({ station, payload, bill }) {
    bill.stop(station, String(wholeOf(payload, 'transactionId')), {
      endedAt: textOf(payload, 'timestamp') ?? '',
      meterStop: wholeOf(payload, 'meterStop'),
      reason: textOf(payload, 'reason') ?? 'Local',
    });
    return {};
  },
  MeterValues({ station, payload, bill }) {
    const id = wholeOf(payload, 'transactionId');
    if (id !== undefined) bill.values(station, String(id), JSON.stringify(payload['meterValue']));
    return {};
  },
};

const OF_2: Readonly<Record<string, Answerer>> = {
  ...SHARED,
  Authorize: ({ payload, isGood }) => ({ idTokenInfo: info(isGood(tokenOf(payload) ?? '')) }),
  TransactionEvent({ station, payload, bill, isGood }) {
    const id = textOf(objectOf(payload, 'transactionInfo'), 'transactionId') ?? '';
    const tag = tokenOf(payload);
    const t = textOf(payload, 'timestamp') ?? '';
    const register = registerIn(payload);
    switch (textOf(payload, 'eventType')) {
      case 'Started':
        bill.start({ station, tag: tag ?? '', startedAt: t, meterStart: register ?? 0 }, id);
        break;
      case 'Ended':
        bill.stop(station, id, { endedAt: t, meterStop: register, reason: textOf(objectOf(payload, 'transactionInfo'), 'stoppedReason') ?? 'Local' }); // prettier-ignore
        break;
      default:
        bill.values(station, id, String(wholeOf(payload, 'seqNo')));
    }
    return tag === undefined ? {} : { idTokenInfo: info(isGood(tag)) };
  },
};

function registerIn(payload: JsonObject): number | undefined {
  const readings = readMeterValues(payload, 'meterValue', '2.0.1').flatMap((set) => set.readings);
  return readings.find(({ path }) => path === REGISTER)?.value ?? undefined;
}

/** What the back end answers; to what it has no words for it says that it took it. */
export function answerTo(action: string, subprotocol: string, asked: Asked): JsonObject {
  const answers = subprotocol.startsWith('ocpp2') ? OF_2 : OF_16;
  return Object.hasOwn(answers, action) ? answers[action]!(asked) : {};
}
