import { iso, objectOf, textOf, wholeOf, type Answer } from '../ocpp/index.js';
import { answer16 } from './answers-16.js';
import type { Dialect, Message, TransactionNews } from './dialect.js';
import { meterValue16, type ReadingSet } from './reading.js';
import type { OutletStatus, Transaction } from './transaction.js';

/** What a transaction is called that the back end never took (1.6 errata on StopTransaction.req). */
const NO_ID = -1;

/** OCPP 1.6 (ed.2 chapter 6). */
export class Dialect16 implements Dialect {
  readonly subprotocol = 'ocpp1.6';
  readonly answer = answer16;

  /** `isOwnId`: whether a transaction that began offline is told of under an id of the station below 0. */
  constructor(
    private readonly id: string,
    private readonly isOwnId: () => boolean,
  ) {}

  boot(): Message {
    const payload = { chargePointVendor: 'SMX Edge', chargePointModel: 'Virtual 16', chargePointSerialNumber: this.id.slice(0, 25), firmwareVersion: '1.6.0' }; // prettier-ignore
    return { action: 'BootNotification', payload };
  }

  heartbeat(): Message {
    return { action: 'Heartbeat', payload: {} };
  }

  status(connectorId: number, status: OutletStatus, t: number): Message {
    return { action: 'StatusNotification', payload: { connectorId, errorCode: 'NoError', status, timestamp: iso(t) } };
  }

  authorize(idTag: string): Message {
    return { action: 'Authorize', payload: { idTag } };
  }

  values(set: ReadingSet): Message {
    return { action: 'MeterValues', payload: { connectorId: 1, meterValue: [meterValue16(set)] } };
  }

  idFor(): undefined {
    return undefined;
  }

  transaction(transaction: Transaction, news: TransactionNews): ReturnType<Dialect['transaction']> {
    const { tag: idTag, began, meterStart } = transaction;
    switch (news.what) {
      case 'begin':
        return { action: 'StartTransaction', payload: () => ({ connectorId: 1, idTag, meterStart, timestamp: iso(began) }) }; // prettier-ignore
      case 'values':
        return { action: 'MeterValues', payload: () => ({ connectorId: 1, transactionId: this.idOf(transaction), meterValue: [meterValue16(news.set)] }) }; // prettier-ignore
      case 'end': {
        const { set, reason } = news;
        const end = { idTag, meterStop: set.readings[0]!.value, timestamp: iso(set.t), reason };
        return { action: 'StopTransaction', payload: () => ({ transactionId: Number(transaction.id ?? NO_ID), ...end, transactionData: [meterValue16(set)] }) }; // prettier-ignore
      }
      case 'state':
        return undefined;
    }
  }

  isAccepted({ kind, payload }: Answer): boolean | undefined {
    const status = textOf(objectOf(payload, 'idTagInfo'), 'status');
    if (kind !== 'result' || status === undefined) return undefined;
    return status === 'Accepted' || status === 'ConcurrentTx';
  }

  began(transaction: Transaction, { payload }: Answer): void {
    const id = wholeOf(payload, 'transactionId');
    if (id !== undefined) transaction.id = String(id);
  }

  private idOf({ isOffline, number, id }: Transaction): number {
    return isOffline && this.isOwnId() ? -number : Number(id ?? NO_ID);
  }
}
