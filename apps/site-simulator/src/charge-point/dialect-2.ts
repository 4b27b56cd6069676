import { iso, objectOf, textOf, type Answer, type JsonObject } from '../ocpp/index.js';
import { answer2 } from './answers-2.js';
import type { Dialect, Message, TransactionNews } from './dialect.js';
import { meterValue2, type ReadingSet } from './reading.js';
import type { OutletStatus, Transaction } from './transaction.js';

const EVSE = { id: 1, connectorId: 1 };
const FREE: readonly OutletStatus[] = ['Available', 'Unavailable'];
const tokenOf = (idToken: string): JsonObject => ({ idToken, type: 'ISO14443' });

/** OCPP 2.0.1 (part 2, use cases B, C, E, G, J). */
export class Dialect2 implements Dialect {
  readonly subprotocol = 'ocpp2.0.1';
  readonly answer = answer2;

  constructor(private readonly id: string) {}

  boot(): Message {
    const chargingStation = { vendorName: 'SMX Edge', model: 'Virtual 201', serialNumber: this.id.slice(0, 25), firmwareVersion: '2.0.1' }; // prettier-ignore
    return { action: 'BootNotification', payload: { reason: 'PowerUp', chargingStation } };
  }

  heartbeat(): Message {
    return { action: 'Heartbeat', payload: {} };
  }

  status(evseId: number, status: OutletStatus, t: number): Message {
    const connectorStatus = FREE.includes(status) ? status : 'Occupied';
    return { action: 'StatusNotification', payload: { timestamp: iso(t), connectorStatus, evseId, connectorId: evseId } }; // prettier-ignore
  }

  authorize(tag: string): Message {
    return { action: 'Authorize', payload: { idToken: tokenOf(tag) } };
  }

  values(set: ReadingSet): Message {
    return { action: 'MeterValues', payload: { evseId: 1, meterValue: [meterValue2(set)] } };
  }

  idFor({ number, began }: Pick<Transaction, 'number' | 'began'>): string {
    return `${this.id.slice(0, 20)}-${began.toString(36)}-${number}`;
  }

  transaction(transaction: Transaction, news: TransactionNews): ReturnType<Dialect['transaction']> {
    const payload = event(transaction, news);
    return { action: 'TransactionEvent', payload: () => payload };
  }

  isAccepted({ kind, payload }: Answer): boolean | undefined {
    const status = textOf(objectOf(payload, 'idTokenInfo'), 'status');
    if (kind !== 'result' || status === undefined) return undefined;
    return status === 'Accepted' || status === 'ConcurrentTx';
  }

  began(): void {
    // its id is the station's own
  }
}

const TRIGGERS = { begin: 'Authorized', values: 'MeterValuePeriodic', state: 'ChargingStateChanged', end: 'EVCommunicationLost' } as const; // prettier-ignore
const TYPES = { begin: 'Started', values: 'Updated', state: 'Updated', end: 'Ended' } as const;
const END_TRIGGERS: Readonly<Record<string, string>> = { Remote: 'RemoteStop', Local: 'StopAuthorized', DeAuthorized: 'Deauthorized', HardReset: 'ResetCommand', SoftReset: 'ResetCommand', UnlockCommand: 'UnlockCommand' }; // prettier-ignore
const REASONS: Readonly<Record<string, string>> = { HardReset: 'ImmediateReset', SoftReset: 'ImmediateReset', UnlockCommand: 'Other' }; // prettier-ignore

/** Made once, at its time: what is sent later is the same. */
function event(transaction: Transaction, news: TransactionNews): JsonObject {
  const { id, tag, remoteStartId } = transaction;
  const isEnd = news.what === 'end';
  const t = news.what === 'state' ? news.t : news.set.t;
  const trigger = isEnd
    ? (END_TRIGGERS[news.reason] ?? TRIGGERS.end)
    : news.what === 'begin' && remoteStartId !== undefined
      ? 'RemoteStart'
      : TRIGGERS[news.what];
  const state = news.what === 'state' ? news.state : isEnd ? 'EVConnected' : transaction.told;
  return {
    ...{ eventType: TYPES[news.what], timestamp: iso(t), triggerReason: trigger, seqNo: transaction.seqNo++ },
    ...(news.isOffline && { offline: true }),
    transactionInfo: {
      ...{ transactionId: id },
      ...(state !== undefined && { chargingState: state }),
      ...(isEnd && { stoppedReason: REASONS[news.reason] ?? news.reason }),
      ...(news.what === 'begin' && remoteStartId !== undefined && { remoteStartId }),
    },
    ...(news.what === 'begin' && { idToken: tokenOf(tag) }),
    evse: EVSE,
    ...(news.what !== 'state' && { meterValue: [meterValue2(news.set)] }),
  };
}
