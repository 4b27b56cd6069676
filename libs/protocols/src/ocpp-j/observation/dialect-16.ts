import { integerAt, textAt, timeAt, wordAt, type JsonObject } from '../json.js';
import { statusOf } from './connector-status.js';
import type { Answered, Dialect } from './dialect.js';
import { IdTag } from './id-tag.js';
import { readMeterValues } from './meter-values.js';
import type { Observation } from './observation.js';
import { Sessions } from './sessions.js';
import { valuesOf } from './values.js';

/**
 * Messages of 1.6 (ed.2 chapter 6). A session begins and ends when the back end has answered: before that it has no id, and a
 * message that was refused comes again (§3.7.1).
 */
export class Dialect16 implements Dialect {
  readonly awaits = ['StartTransaction', 'StopTransaction'];

  constructor(private readonly sessions: Sessions) {}

  call(action: string, payload: JsonObject): readonly Observation[] {
    switch (action) {
      case 'BootNotification':
        return [stationOf(payload)];
      case 'StatusNotification':
        return statusIn(payload);
      case 'MeterValues':
        return this.values(payload);
      case 'StopTransaction':
        return this.summary(payload);
      default:
        return [];
    }
  }

  answered({ action, payload, answer }: Answered): readonly Observation[] {
    if (answer.kind !== 'result') return [];
    if (action === 'StartTransaction') return this.start(payload, answer.payload);
    if (action === 'StopTransaction') return this.end(payload);
    return [];
  }

  private values(payload: JsonObject): readonly Observation[] {
    const outlet = integerAt(payload, 'connectorId');
    if (outlet === undefined || outlet < 0) return [];
    const transactionId = integerAt(payload, 'transactionId');
    // without a transaction it may be a value at the quarter hour, which stations send of a session as well
    const session = transactionId === undefined ? this.sessions.at(outlet) : this.sessions.find(String(transactionId));
    const sets = readMeterValues(payload, 'meterValue', '1.6');
    return valuesOf(sets, { outlet, isLate: false, session }, this.sessions);
  }

  /** What a station measured during a session and tells at its end: nothing of it is live. */
  private summary(payload: JsonObject): readonly Observation[] {
    const session = this.sessions.find(String(integerAt(payload, 'transactionId')));
    if (session === undefined) return [];
    const sets = readMeterValues(payload, 'transactionData', '1.6');
    return valuesOf(sets, { outlet: session.outlet, isLate: true, session: undefined }, this.sessions);
  }

  private start(payload: JsonObject, answer: JsonObject): readonly Observation[] {
    const outlet = integerAt(payload, 'connectorId');
    const transactionId = integerAt(answer, 'transactionId');
    if (outlet === undefined || transactionId === undefined) return [];
    const startedAt = timeAt(payload, 'timestamp');
    const meterStart = integerAt(payload, 'meterStart');
    return this.sessions.start({
      ...{ outlet, transactionId: String(transactionId) },
      ...(startedAt !== undefined && { startedAt }),
      ...(meterStart !== undefined && { meterStart }),
      ...tagIn(payload),
    });
  }

  private end(payload: JsonObject): readonly Observation[] {
    const transactionId = integerAt(payload, 'transactionId');
    if (transactionId === undefined) return [];
    const endedAt = timeAt(payload, 'timestamp');
    const meterStop = integerAt(payload, 'meterStop');
    return this.sessions.end({
      transactionId: String(transactionId),
      // StopTransaction.req: absent means Local
      reason: wordAt(payload, 'reason') ?? 'Local',
      ...(endedAt !== undefined && { endedAt }),
      ...(meterStop !== undefined && { meterStop }),
      ...tagIn(payload),
    });
  }
}

function tagIn(payload: JsonObject): { idTag?: IdTag } {
  const text = textAt(payload, 'idTag');
  return text === undefined ? {} : { idTag: new IdTag(text) };
}

function stationOf(payload: JsonObject): Observation {
  const vendor = wordAt(payload, 'chargePointVendor');
  const model = wordAt(payload, 'chargePointModel');
  const serial = wordAt(payload, 'chargePointSerialNumber') ?? wordAt(payload, 'chargeBoxSerialNumber');
  const firmware = wordAt(payload, 'firmwareVersion');
  return { kind: 'station', ...(vendor && { vendor }), ...(model && { model }), ...(serial && { serial }), ...(firmware && { firmware }) }; // prettier-ignore
}

function statusIn(payload: JsonObject): readonly Observation[] {
  const outlet = integerAt(payload, 'connectorId');
  const status = statusOf(textAt(payload, 'status'));
  if (outlet === undefined || outlet < 0 || status === undefined) return [];
  const t = timeAt(payload, 'timestamp');
  const error = wordAt(payload, 'errorCode');
  const info = wordAt(payload, 'info') ?? wordAt(payload, 'vendorErrorCode');
  return [
    {
      ...{ kind: 'status', outlet, status },
      ...(t !== undefined && { t }),
      ...(error !== undefined && error !== 'NoError' && { error }),
      ...(info !== undefined && { info }),
    },
  ];
}
