/* eslint-disable @typescript-eslint/no-require-imports -- only who listens loads it, and only his kind */
import { SmxError } from '@smx-edge/model';
import type { DoorSource } from './peer-listener.js';
import { parseSource } from './source.js';
import type { LineListener, ListenOptions } from './types.js';

const EXPECTED = 'tcp-listen://host:port or udp://host:port';

/** Listens on a `tcp-listen://` or `udp://` source; each peer becomes a Line. Throws SMX_TRANSPORT_SOURCE. */
export function listenLines(source: string, options: ListenOptions): LineListener {
  const parsed = parseSource(source);
  const { label } = parsed;
  if (parsed.kind === 'tcp-listen') {
    const { openTcpDoor } = require('./connectors/tcp-listen.js') as typeof import('./connectors/tcp-listen.js');
    return listener({ label, open: (guests, signal) => openTcpDoor(parsed, guests, signal) }, options);
  }
  if (parsed.kind === 'udp') {
    const { openUdpDoor } = require('./connectors/udp-listen.js') as typeof import('./connectors/udp-listen.js');
    return listener({ label, open: (guests, signal) => openUdpDoor(parsed, guests, signal) }, options);
  }
  throw new SmxError('SMX_TRANSPORT_SOURCE', `"${label}" cannot be listened on: expected ${EXPECTED}`, {
    details: [{ path: 'source', expected: EXPECTED }],
  });
}

function listener(door: DoorSource, options: ListenOptions): LineListener {
  const { PeerListener } = require('./peer-listener.js') as typeof import('./peer-listener.js');
  return new PeerListener(door, options);
}
