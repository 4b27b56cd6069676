import type { Clock, LaneSource, Log, Zone } from '@smx-edge/model';
import type { PartyView } from '../doors.js';

/** How one party's streams are sent (contracts §2, `links:`). */
export interface LaneOptions {
  /** What one batch spans at least, ms. */
  readonly batch: number;
  /** Whose word ends a batch: the ack of who stored it, or the PUBACK of the broker. */
  readonly ack: 'consumer' | 'broker';
  /** Which of the batches that its party missed comes first. */
  readonly order: 'oldest-first' | 'newest-first';
}

export interface LaneHouse {
  readonly store: LaneSource;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  /** Jitter, in [0, 1). */
  readonly random: () => number;
  /** Batches of a backlog per second; default 20. */
  readonly backlogRate?: number;
}

/** Where the batches of a stream go while its party is there. */
export interface LaneExit {
  /** No more fits for now; `pump` of the lane is called once it does. */
  readonly full: boolean;
  /** Sends; `taken` once the broker, or where there is none between the socket, took it. */
  send(payload: Buffer, taken: () => void): void;
}

/** State of one stream for the page, CLI and metrics. */
export interface LaneStatus {
  readonly stream: string;
  /** Number of the batch that is cut next. */
  readonly next: number;
  /** The first batch that was not acknowledged; `next` where all were. */
  readonly oldest: number;
  /** Batches that were not acknowledged. */
  readonly behind: number;
  /** When the oldest of them was cut, ms UTC, where known. */
  readonly since?: number;
  /** Batches that were sent for the first time, and more than once, since the start. */
  readonly sent: number;
  readonly resent: number;
  /** Acks that were malformed, and those of another epoch. */
  readonly refused: number;
  readonly foreign: number;
  /** Why nothing is cut. */
  readonly code?: string;
  readonly reason?: string;
}

export interface LanePart {
  readonly principal: string;
  readonly stream: string;
  readonly view: PartyView;
}
