import { integerAt, objectAt, textAt, timeAt, wordAt, type JsonObject } from '../json.js';
import type { OcppVersion } from '../version.js';
import { EvseStatus, statusOf } from './connector-status.js';
import type { Dialect } from './dialect.js';
import { IdTag } from './id-tag.js';
import { readMeterValues, type ReadingSet } from './meter-values.js';
import type { Observation } from './observation.js';
import type { Sessions } from './sessions.js';
import { registerIn, valuesOf } from './values.js';

/** No station has more; what is named beyond is not looked into. */
const MOST_EVSES = 1000;

interface TransactionEvent {
  readonly transactionId: string;
  readonly type: string | undefined;
  readonly t: number | undefined;
  readonly sets: readonly ReadingSet[];
  /** Queued while the station was alone. */
  readonly isOffline: boolean;
  readonly payload: JsonObject;
}

/** Messages of 2.0.1 and 2.1 (part 2, use cases E and G). Sessions are told by TransactionEvent, whose id the station makes. */
export class Dialect2 implements Dialect {
  readonly awaits = [];
  private readonly evses = new Map<number, EvseStatus>();

  constructor(
    private readonly sessions: Sessions,
    private readonly version: OcppVersion,
  ) {}

  call(action: string, payload: JsonObject): readonly Observation[] {
    switch (action) {
      case 'BootNotification':
        return [stationOf(objectAt(payload, 'chargingStation'))];
      case 'StatusNotification':
        return this.status(payload);
      case 'MeterValues':
        return this.values(payload);
      case 'TransactionEvent':
        return this.transaction(payload);
      default:
        return [];
    }
  }

  answered(): readonly Observation[] {
    return [];
  }

  private status(payload: JsonObject): readonly Observation[] {
    const outlet = integerAt(payload, 'evseId');
    const status = statusOf(textAt(payload, 'connectorStatus'));
    if (outlet === undefined || status === undefined) return [];
    return this.changed(outlet, timeAt(payload, 'timestamp'), (evse) => evse.connector(integerAt(payload, 'connectorId') ?? 0, status)); // prettier-ignore
  }

  private changed(outlet: number, t: number | undefined, change: (evse: EvseStatus) => void): readonly Observation[] {
    const evse = this.evses.get(outlet) ?? new EvseStatus();
    if (outlet < 0 || (!this.evses.has(outlet) && this.evses.size >= MOST_EVSES)) return [];
    this.evses.set(outlet, evse);
    change(evse);
    const { status } = evse;
    return status === undefined ? [] : [{ kind: 'status', outlet, status, ...(t !== undefined && { t }) }];
  }

  private values(payload: JsonObject): readonly Observation[] {
    const outlet = integerAt(payload, 'evseId');
    if (outlet === undefined || outlet < 0) return [];
    const sets = readMeterValues(payload, 'meterValue', this.version);
    return valuesOf(sets, { outlet, isLate: false, session: this.sessions.at(outlet) }, this.sessions);
  }

  private transaction(payload: JsonObject): readonly Observation[] {
    const transactionId = wordAt(objectAt(payload, 'transactionInfo'), 'transactionId');
    if (transactionId === undefined) return [];
    const event: TransactionEvent = {
      ...{ transactionId, type: textAt(payload, 'eventType'), t: timeAt(payload, 'timestamp'), payload },
      sets: readMeterValues(payload, 'meterValue', this.version),
      isOffline: payload['offline'] === true,
    };
    // one that came again after its end tells nothing new
    if (this.sessions.hasEnded(transactionId)) return [];
    // only the first message of a session has to name its place
    const outlet = integerAt(objectAt(payload, 'evse'), 'id') ?? this.sessions.find(transactionId)?.outlet;
    return [...this.begin(event, outlet), ...this.state(event, outlet), ...this.measured(event, outlet), ...this.end(event, outlet)]; // prettier-ignore
  }

  /** Also where its start was not seen, at the first message that names its place. */
  private begin(
    { transactionId, type, t, sets, payload }: TransactionEvent,
    outlet: number | undefined,
  ): readonly Observation[] {
    const idTag = tagIn(payload);
    if (idTag && this.sessions.find(transactionId)) this.sessions.identify(transactionId, idTag);
    if (outlet === undefined || type === 'Ended' || this.sessions.find(transactionId)) return [];
    const isStart = type === 'Started';
    const meterStart = registerIn(sets, 'Transaction.Begin') ?? (isStart ? registerIn(sets) : undefined);
    return this.sessions.start({
      ...{ transactionId, outlet },
      ...(isStart && t !== undefined && { startedAt: t }),
      ...(meterStart !== undefined && { meterStart }),
      ...(idTag && { idTag }),
    });
  }

  private state({ type, t, isOffline, payload }: TransactionEvent, outlet: number | undefined): readonly Observation[] {
    if (outlet === undefined || isOffline) return [];
    const state = textAt(objectAt(payload, 'transactionInfo'), 'chargingState');
    return this.changed(outlet, t, (evse) => evse.transaction(state, type === 'Ended'));
  }

  private measured(
    { transactionId, sets, isOffline }: TransactionEvent,
    outlet: number | undefined,
  ): readonly Observation[] {
    if (outlet === undefined) return [];
    return valuesOf(sets, { outlet, isLate: isOffline, session: this.sessions.find(transactionId) }, this.sessions);
  }

  private end(
    { transactionId, type, t, sets, payload }: TransactionEvent,
    outlet: number | undefined,
  ): readonly Observation[] {
    if (type !== 'Ended') return [];
    const meterStop = registerIn(sets, 'Transaction.End') ?? registerIn(sets);
    const reason = wordAt(objectAt(payload, 'transactionInfo'), 'stoppedReason');
    const idTag = tagIn(payload);
    return this.sessions.end({
      ...{ transactionId, reason: reason ?? 'Local' },
      ...(outlet !== undefined && { outlet }),
      ...(t !== undefined && { endedAt: t }),
      ...(meterStop !== undefined && { meterStop }),
      ...(idTag && { idTag }),
    });
  }
}

function tagIn(payload: JsonObject): IdTag | undefined {
  const text = textAt(objectAt(payload, 'idToken'), 'idToken');
  return text === undefined ? undefined : new IdTag(text);
}

function stationOf(station: JsonObject): Observation {
  const vendor = wordAt(station, 'vendorName');
  const model = wordAt(station, 'model');
  const serial = wordAt(station, 'serialNumber');
  const firmware = wordAt(station, 'firmwareVersion');
  return { kind: 'station', ...(vendor && { vendor }), ...(model && { model }), ...(serial && { serial }), ...(firmware && { firmware }) }; // prettier-ignore
}
