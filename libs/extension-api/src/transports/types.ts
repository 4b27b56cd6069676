import type { Clock, Disposable, Log } from '@smx-edge/model';

/**
 * What a line is doing, as an operator wants to know it:
 * - `connecting`: not open; `reason` says why the last attempt failed or the last connection ended, if there was one
 * - `no-bytes`: open, and nothing arrives
 * - `no-frames`: bytes arrive, but the codec has not made a frame of them
 * - `bad-frames`: the codec's newest frame was bad
 * - `ok`: the newest frame was good
 * - `closed`: closed by its owner, or its source has ended (a replay, a peer of a listener)
 */
export type LineStatus = 'connecting' | 'no-bytes' | 'no-frames' | 'bad-frames' | 'ok' | 'closed';

/** Why a line is not open. Texts may change, these words do not. */
export type LineReason =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'tls-untrusted'
  | 'tls-expired'
  | 'tls-host'
  | 'permission'
  | 'absent'
  | 'busy'
  | 'idle'
  | 'closed'
  | 'replaced'
  | 'protocol'
  | 'http-status'
  | 'waiting'
  | 'ended'
  | 'failed';

/** Counts since the line was made; they survive reconnects. Times are wall clock, ms UTC, absent until the first. */
export interface LineCounters {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly chunks: number;
  /** Chunks thrown away because the reader was slower than a source that cannot be slowed (UDP). */
  readonly dropped: number;
  readonly framesOk: number;
  readonly framesBad: number;
  /** Connections that came about. */
  readonly connects: number;
  /** Attempts that failed. */
  readonly failures: number;
  readonly lastByteAt?: number;
  readonly lastFrameAt?: number;
}

export interface LineState {
  /** The source without credentials and keys, fit for a log or a page. */
  readonly source: string;
  readonly status: LineStatus;
  /** Since when this status holds, ms UTC. */
  readonly since: number;
  readonly reason?: LineReason;
  /** One sentence: what is wrong and what to do. */
  readonly text?: string;
  /** When the next attempt is due, ms UTC. */
  readonly retryAt?: number;
  /** The peer's certificate is not checked, because the source says `insecure=true`. */
  readonly insecure?: boolean;
  /** A snapshot taken when the state changed. */
  readonly counters: LineCounters;
}

/** Settings of a serial line: 5-8 data bits, N/E/O parity, 1 or 2 stop bits, e.g. `8N1`, `7E1`. */
export interface SerialSettings {
  readonly baud: number;
  readonly mode: string;
}

/** A change of a serial line; what is absent stays. Baud and mode also hold after a reconnect. */
export interface LineSettings {
  readonly baud?: number;
  readonly mode?: string;
  readonly dtr?: boolean;
  readonly rts?: boolean;
}

/** Where the port process waits with an opened serial port: the nonce is good for one connection. */
export interface PortGrant {
  readonly socketPath: string;
  readonly nonce: string;
}

/**
 * Asks the host for a serial port. Rejects with SMX_TRANSPORT_ABSENT, SMX_TRANSPORT_BUSY, SMX_TRANSPORT_PERMISSION
 * or SMX_TRANSPORT_CONNECT; the line tries again by itself.
 */
export interface SerialDoor {
  open(path: string, settings: SerialSettings): Promise<PortGrant>;
}

/** `in` = from the device, `out` = to the device, `gap` = the connection ended (no bytes). */
export type CaptureDirection = 'in' | 'out' | 'gap';

/** Gets every raw chunk with its receive time, ms UTC. `bytes` is only lent for the call. */
export type Recorder = (direction: CaptureDirection, bytes: Uint8Array, t: number) => void;

/** PEM texts; they win over `?ca=`, `?cert=`, `?key=` of the source, which are paths of files. */
export interface LineTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

export interface LineOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Needed for `serial:` sources only. */
  readonly serial?: SerialDoor;
  readonly record?: Recorder;
  /** Called on each change of status, reason or next attempt, never per chunk. */
  readonly onState?: (state: LineState) => void;
  /** After so many ms without a byte the connection is made anew; 0 = never. Default 30 000. */
  readonly idle?: number;
  /** Ms an attempt to connect may take. Default 10 000. */
  readonly connectTimeout?: number;
  /** Of a `udp://` source: the address is the device's, which is asked; default false: the address at which is listened. */
  readonly remote?: boolean;
  /** Bytes held for a slow reader before the source is held back. Default 262 144. */
  readonly buffer?: number;
  readonly tls?: LineTls;
  /** For the jitter of the back-off; default Math.random. */
  readonly random?: () => number;
}

/** Why bytes before and after it do not belong together. */
export type GapKind = 'reconnect' | 'dropped' | 'flushed';

/**
 * A byte stream to a device that mends itself: it reconnects for ever until closed (full jitter, 1 s to 60 s; a serial
 * device that is not there is looked for each second), and a `for await` over it goes on across reconnects.
 */
export interface Line extends AsyncIterable<Uint8Array> {
  /** Chunks as they come; a datagram, WebSocket message or HTTP body is one chunk. Leaving the loop leaves the line open. */
  read(): AsyncIterableIterator<Uint8Array>;
  /** Resolves once the bytes are with the kernel. Rejects with SMX_TRANSPORT_CONNECT while the line is not open. */
  write(bytes: Uint8Array): Promise<void>;
  /** Serial lines only, else SMX_TRANSPORT_UNSUPPORTED; also where the adapter has no such wire. */
  configure(settings: LineSettings): Promise<void>;
  /** Waits until everything written has left (the wire of a serial line, the process otherwise). */
  drain(): Promise<void>;
  /** Throws away what was received and not yet read. */
  flush(): Promise<void>;
  /** Holds a serial line in the break state for `ms`. */
  break(ms: number): Promise<void>;
  close(): Promise<void>;
  /** The codec tells what it made of the bytes, so that the state is more than "connected". */
  frame(verdict: 'ok' | 'bad'): void;
  /** Called in stream order, between the last chunk before and the first chunk after a gap: codecs reset here. */
  onGap(fn: (kind: GapKind) => void): Disposable;
  /** Starts or ends recording. */
  record(recorder: Recorder | undefined): void;
  readonly counters: LineCounters;
  readonly state: LineState;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A listening source; each peer is a Line that ends with its connection, or with the silence of who sends datagrams. */
export interface LineListener {
  readonly lines: AsyncIterable<Line>;
  /** Where it listens, once it does. A port in use is tried again for ever. */
  readonly ready: Promise<ListenAddress>;
  readonly address: ListenAddress | undefined;
  close(): Promise<void>;
}

export interface ListenOptions extends LineOptions {
  /** Peers at one time; further ones are turned away, of senders of datagrams the one that was silent for longest. Default 16. */
  readonly peers?: number;
}

/** `openLine(source, options)`: throws SMX_TRANSPORT_SOURCE or SMX_NOT_AVAILABLE; all else is state. */
export type OpenLine = (source: string, options: LineOptions) => Line;

/** `listenLines(source, options)`: `tcp-listen://` and `udp://` sources. */
export type ListenLines = (source: string, options: ListenOptions) => LineListener;
