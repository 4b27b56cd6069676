import type { Clock, Log } from '@smx-edge/model';
import type { GapKind, LineSettings, LineTls, SerialDoor } from './types.js';

/** Where a connection puts what happens to it. After `end` it says nothing more. */
export interface Sink {
  data(chunk: Uint8Array): void;
  /** The connection is over; `error` is any error, or undefined where the other side closed it in order. */
  end(error: unknown): void;
  /** What follows does not belong to what came before, though the connection stands. */
  gap(kind: GapKind): void;
}

/** One connection as the line uses it. Only a serial port can do the optional ones. */
export interface Connection {
  /** Called once the line has taken the connection: a source that makes its own chunks begins here. */
  start?(): void;
  /** Resolves once the bytes are with the kernel. */
  write(bytes: Uint8Array): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends it; the sink hears nothing of it. */
  close(): void;
  /** Ends it as `close` does, and lets the peer drop its end at once: one that is lost in itself frees its slot. */
  reset?(): void;
  drain(): Promise<void>;
  flush?(): Promise<void>;
  configure?(settings: LineSettings): Promise<void>;
  break?(ms: number): Promise<void>;
}

/** One kind of source: makes connections, one at a time. */
export interface Connector {
  readonly label: string;
  readonly insecure?: boolean;
  /** It waits for a peer: no time limit for connecting, and after a connection no pause. */
  readonly passive?: boolean;
  /** The line ends with its first connection (a replay, a peer). */
  readonly once?: boolean;
  /** It cannot be held back: the oldest chunks are dropped. */
  readonly lossy?: boolean;
  /** The least idle time that makes sense, ms; Infinity = silence is normal. */
  readonly leastIdle?: number;
  /** Rejects with any error; `signal` aborts the attempt. */
  connect(sink: Sink, signal: AbortSignal): Promise<Connection>;
  dispose?(): void;
}

/** What connectors get besides their source. */
export interface ConnectorOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly tls: LineTls;
  readonly serial?: SerialDoor;
  /** Of datagrams, see LineOptions. */
  readonly remote?: boolean;
}
