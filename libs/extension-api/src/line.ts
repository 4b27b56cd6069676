import type { Duration } from './point.js';

export interface LineSettings {
  readonly baud?: number;
  /** Data bits, parity, stop bits: `8N1`, `7E1`. */
  readonly mode?: string;
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

export interface LineCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly chunks: number;
  readonly framesOk: number;
  readonly framesBad: number;
  readonly connects: number;
  /** ms UTC; 0 = never. */
  readonly lastByteAt: number;
  readonly lastFrameAt: number;
}

/** Bytes to and from a device. Reading goes on over reconnects; a reader that is slow holds the peer back. */
export interface Line {
  read(): AsyncIterableIterator<Uint8Array>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>;
  /** Rejects SMX_TRANSPORT_CONNECT while there is no connection. */
  write(bytes: Uint8Array): Promise<void>;
  configure(settings: LineSettings): Promise<void>;
  /** Resolves when what was written has left. */
  drain(): Promise<void>;
  /** Throws away what was received and not read. */
  flush(): Promise<void>;
  break(ms: number): Promise<void>;
  close(): Promise<void>;
  /** Tells the line what its bytes were, so that "bytes but no frames" is a state of its own. */
  frame(verdict: 'ok' | 'bad'): void;
  /** Calls `fn` where bytes were lost, so that a codec can start afresh. */
  onGap(fn: () => void): void;
  readonly counters: LineCounters;
}

/** Peers that come to this box. */
export interface LineListener {
  readonly lines: AsyncIterable<Line>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Silence after which the connection is made anew. */
  readonly idle?: Duration;
}
