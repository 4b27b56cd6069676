import type { LinkEnd, WireFrame } from './wire.js';

/** What stands behind this box for one charge point: its back end, or what takes its place while it is away. */
export interface FarSide {
  /** Subprotocol it chose; empty where it chose none. */
  readonly protocol: string;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Takes a frame of the charge point. */
  send(frame: WireFrame): void;
  /** Ends it the way the charge point's connection ended. */
  close(end: LinkEnd): void;
  /** No more frames until `resume`: the charge point takes them too slowly. */
  pause(): void;
  resume(): void;
  /** Who gets its frames and its end; what came before is given first, so that nothing is lost. */
  listen(listener: FarSideListener): void;
}

export interface FarSideListener {
  frame(frame: WireFrame): void;
  /** Once, and last. */
  end(end: LinkEnd): void;
}

/** Why no back end could be reached: `status` where it refused over HTTP, else what the network or TLS said. */
export interface DialFailure {
  readonly status?: number;
  readonly code: string;
  readonly text: string;
}
