/** A WebSocket message as it came; it goes on with the same bytes and the same opcode. */
export interface WireFrame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/**
 * How a connection ended (RFC 6455 §7.1.5): 1005 closed without a code, 1006 lost without a close frame. `reason` is at most 123
 * bytes, not always UTF-8.
 */
export interface LinkEnd {
  readonly code: number;
  readonly reason: Buffer;
}

const NOTHING = Buffer.alloc(0);

export const linkEnd = (code: number, reason = ''): LinkEnd => ({
  code,
  reason: reason === '' ? NOTHING : Buffer.from(reason),
});

/** Lost without a close frame. */
export const LOST = linkEnd(1006);

/** What the charge point asked for, as it was on the wire. */
export interface Handshake {
  /** Of the charge point: last segment of the path, percent-decoded. */
  readonly identity: string;
  /** Path and query as raw text, without the path at which is listened. */
  readonly url: string;
  /** Subprotocols in the order of the offer; empty where none was offered. */
  readonly protocols: readonly string[];
  /** The header as it came; never logged. */
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  readonly remoteAddress: string;
}
