import type { Answer, JsonObject, Reply } from '../ocpp/index.js';
import type { ReadingSet } from './reading.js';
import type { StationDoor } from './station-door.js';
import type { ChargingState, OutletStatus, StopReason, Transaction } from './transaction.js';

export interface Message {
  readonly action: string;
  readonly payload: JsonObject;
}

/** What a transaction has to say on its way. */
export type TransactionNews = { readonly isOffline: boolean } & (
  | { readonly what: 'begin'; readonly set: ReadingSet }
  | { readonly what: 'values'; readonly set: ReadingSet }
  | { readonly what: 'state'; readonly state: ChargingState; readonly t: number }
  | { readonly what: 'end'; readonly set: ReadingSet; readonly reason: StopReason }
);

/** The station's messages in the words of one version. */
export interface Dialect {
  readonly subprotocol: string;
  boot(): Message;
  heartbeat(): Message;
  status(connector: number, status: OutletStatus, t: number): Message;
  authorize(tag: string): Message;
  values(set: ReadingSet): Message;
  /** What the station itself calls a transaction; undefined where the back end issues that. */
  idFor(transaction: Pick<Transaction, 'number' | 'began'>): string | undefined;
  /** Undefined where this version has no message for it; made again where it is sent again. */
  transaction(transaction: Transaction, news: TransactionNews): { readonly action: string; payload(): JsonObject } | undefined; // prettier-ignore
  /** Whether the token of an answer to `authorize` or to the first message of a transaction is good; undefined where it says nothing. */
  isAccepted(answer: Answer): boolean | undefined;
  /** Takes what the back end issued to a transaction. */
  began(transaction: Transaction, answer: Answer): void;
  answer(action: string, payload: JsonObject, station: StationDoor): Reply;
}
