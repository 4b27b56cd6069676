import type {
  Clock,
  Disposable,
  EventRecord,
  LaneHead,
  LaneSource,
  Log,
  ProfileDefinition,
  ProfileRecord,
  SmxError,
  Zone,
} from '@smx-edge/model';
import type { Turns } from './turns.js';

/** How one party's streams are sent (contracts §2, `links:`). */
export interface LaneOptions {
  /** What one batch spans at least, ms. */
  readonly batch: number;
  /** Whose word ends a batch: the ack of who stored it, or the PUBACK of the broker. */
  readonly ack: 'consumer' | 'broker';
  /** Which of the batches that its party missed comes first. */
  readonly order: 'oldest-first' | 'newest-first';
}

/** The store as the streams use it. */
export interface LaneStore {
  readonly lane: LaneSource;
  events(query: { readonly after: number; readonly limit: number }): Promise<EventRecord[]>;
  onEvent(listener: (event: EventRecord) => void): Disposable;
  readonly profiles: {
    find(profile: Pick<ProfileDefinition, 'device' | 'id'>): ProfileDefinition | undefined;
    commits(query: { readonly after: number; readonly limit: number }): Promise<ProfileRecord[]>;
    onAppend(listener: () => void): Disposable;
  };
}

export interface LaneHouse {
  readonly store: LaneStore;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  /** Jitter, in [0, 1). */
  readonly random: () => number;
  /** A stream of this principal has begun, or it is known again how far it is. */
  readonly onOpen: (principal: string) => void;
  /** Batches of a backlog per second; default 20. */
  readonly backlogRate?: number;
  /** Of all parties: in each turn of the event loop one batch is made. */
  readonly turns: Turns;
}

/** Where the batches of a stream go while its party is there. */
export interface LaneExit {
  /** No more fits for now; `pump` of the lane is called once it does. */
  readonly full: boolean;
  /** Bytes of the largest payload that goes, Infinity where none is too large. */
  readonly limit: number;
  /** Sends; `taken` once the broker, or where there is none between the socket, took it. False where it is too large. */
  send(payload: Buffer, taken: () => void): boolean;
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

/** A batch on its way out. */
export interface MadeBatch {
  readonly seq: number;
  /** When it was cut, ms UTC. */
  readonly cut: number;
  /** As the party may have it now; undefined where it has to wait because a grant only pauses. */
  message(isBacklog: boolean): BatchMessage | undefined;
}

interface BatchMessage {
  readonly payload: Buffer;
  /** The gap that goes in its place where it is too large. */
  gap(): Buffer;
  /** Notes for the ledger that it went out. */
  gave(): void;
}

/** Where the batches of a stream come from. */
export interface LaneFeed {
  /** Why nothing is cut. */
  readonly fault: SmxError | undefined;
  /** Resolves after the first try to open the stream. */
  readonly ready: Promise<void>;
  /** Cuts from now on what goes where payloads have at most `limit` bytes. */
  fit(limit: number): void;
  /** Batches from number `from` on, at most `count`. */
  read(from: number, count: number): Promise<MadeBatch[]>;
  /** Resolves when nothing of it is on its way to the store any more. */
  close(): Promise<void>;
}

export interface LanePart {
  readonly principal: string;
  readonly stream: string;
  /** `onHead` is told how far the stream is, at first and whenever it went on. */
  readonly feed: (onHead: (head: LaneHead) => void) => LaneFeed;
}
