import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { linkEnd, type LinkEnd } from './wire.js';

/** Longest that bytes which wait may take before a lost connection is mirrored. */
const FLUSH_WITHIN = 5_000;
const NO_CODE = 1005;
const NO_FRAME = 1006;

/** Close code of what a peer did wrong, by the code of the error of `ws`. */
const BY_FAULT: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};

/** What went wrong on a connection that `ws` ended by itself. */
export interface LinkFault {
  readonly code: string;
  readonly text: string;
  /** At least so many has the message that was under way; undefined where that is not known. */
  readonly bytes?: number;
}

/**
 * How a connection ended, for the other one: where `ws` ended it because of a fault of the peer, with the code that it gave that
 * peer, else as the peer did.
 */
export function endOf(code: number, reason: Buffer, fault: LinkFault | undefined): LinkEnd {
  if (fault?.code.startsWith('WS_ERR_') !== true) return { code, reason };
  return linkEnd(BY_FAULT[fault.code] ?? 1002);
}

/** Ends a connection the way another one ended (2.1 part 4 §6.3): with the same code and reason, without a code, or abruptly. */
export function endLike(ws: WebSocket, socket: Duplex | undefined, { code, reason }: LinkEnd): void {
  if (ws.readyState === ws.CLOSED) return;
  // the answer to a close frame is not read while paused
  if (ws.isPaused) ws.resume();
  if (code === NO_FRAME || !maySend(code)) endAbruptly(ws, socket);
  else if (code === NO_CODE) ws.close();
  else ws.close(code, reason);
}

/** Without a close frame, but not before what waits is sent: the peer would have got it over a direct connection. */
function endAbruptly(ws: WebSocket, socket: Duplex | undefined): void {
  if (ws.readyState !== ws.OPEN || ws.bufferedAmount === 0 || socket === undefined) {
    ws.terminate();
    return;
  }
  const late = setTimeout(() => ws.terminate(), FLUSH_WITHIN);
  socket.end(() => {
    clearTimeout(late);
    ws.terminate();
  });
}

const maySend = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_FRAME) || (code >= 3000 && code <= 4999);

/** What `ws` says of a connection that it is about to end. */
export function faultOf(ws: WebSocket, error: Error & { readonly code?: string }): LinkFault {
  const bytes = announced(ws);
  return { code: error.code ?? error.name, text: error.message, ...(bytes !== undefined && { bytes }) };
}

/** Bytes of the message that comes, as far as its frames have said; `ws` has no other way to be asked. */
function announced(ws: WebSocket): number | undefined {
  const { _receiver: receiver } = ws as { readonly _receiver?: { readonly _totalPayloadLength?: unknown } };
  const bytes = receiver?._totalPayloadLength;
  return typeof bytes === 'number' ? bytes : undefined;
}
