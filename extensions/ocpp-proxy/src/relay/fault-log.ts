import type { Log } from '@smx-edge/model';
import { LONGEST_MESSAGE } from './leg.js';
import type { Handshake } from './wire.js';
import type { LinkFault } from './ws-link.js';

const TOO_LONG = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
const HINTS: Readonly<Record<string, string>> = {
  WS_ERR_UNEXPECTED_RSV_1: 'it sends compressed frames that were not agreed on; try compression: true',
  [TOO_LONG]: `a message of more than ${LONGEST_MESSAGE} bytes is not relayed`,
};

/** Logs a connection that broke the protocol. What the network did shows as its end. */
export function logFault(log: Log, { identity }: Handshake, fault: LinkFault & { readonly side: string }): void {
  if (!fault.code.startsWith('WS_ERR_')) return;
  // inflated, it is longer than what its frames said
  const isKnown = fault.code === TOO_LONG && fault.bytes !== undefined && fault.bytes > LONGEST_MESSAGE;
  const text = HINTS[fault.code] ?? fault.text;
  log.warn(`the ${fault.side} broke the protocol of WebSockets`, { identity, code: fault.code, text, ...(isKnown && { bytes: fault.bytes }) }); // prettier-ignore
}
