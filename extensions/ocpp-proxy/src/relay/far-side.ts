import type { Handshake, LinkEnd, WireFrame } from './wire.js';

/** What stands behind this box for one charge point: its back end, or what takes its place while it is away. */
export interface FarSide {
  /** Subprotocol it chose; empty where it chose none. */
  readonly protocol: string;
  /** Whether its connection is not yet closed. */
  readonly isOpen: boolean;
  /** It answers in place of a back end that is away. */
  readonly isStandIn?: boolean;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /**
   * Takes a frame of the charge point; `sent` is called once it left this process. False where it takes none any more: the frame
   * was not delivered, and `end` follows.
   */
  send(frame: WireFrame, sent?: () => void): boolean;
  /** Ends it the way the charge point's connection ended. */
  close(end: LinkEnd): void;
  /** No more frames until `resume`: the charge point takes them too slowly. */
  pause(): void;
  resume(): void;
  /** Who gets its frames and its end; what came before is given first, so that nothing is lost. */
  listen(listener: FarSideListener): void;
  /** Ping and pong of the charge point, where they go from end to end; `sent` as of `send`. */
  ping?(data: Buffer, sent?: () => void): void;
  pong?(data: Buffer, sent?: () => void): void;
}

export interface FarSideListener {
  frame(frame: WireFrame): void;
  /** Once, and last. */
  end(end: LinkEnd): void;
  /** Of one that may stand in: the back end itself came, or went again. */
  came?(): void;
  away?(end: LinkEnd): void;
  ping?(data: Buffer): void;
  pong?(data: Buffer): void;
}

/** Why no back end could be reached: `status` where it refused over HTTP, else what the network or TLS said. */
export interface DialFailure {
  readonly status?: number;
  /** Of a refusal: what the charge point gets of it, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** `HTTP`, `TIMEOUT`, `ABORTED`, or as Node names it: ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED … */
  readonly code: string;
  readonly text: string;
}

export type DialResult = { readonly farSide: FarSide } | { readonly failure: DialFailure };

/** Dials the back end of a charge point as the charge point would; never rejects. What waits in it is given up by `signal`. */
export type Dial = (handshake: Handshake, signal?: AbortSignal) => Promise<DialResult>;
