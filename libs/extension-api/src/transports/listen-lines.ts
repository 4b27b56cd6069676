/* eslint-disable @typescript-eslint/no-require-imports -- only who listens loads it */
import { SmxError } from '@smx-edge/model';
import { parseSource } from './source.js';
import type { LineListener, ListenOptions } from './types.js';

/** Listens on a `tcp-listen://` source; each peer becomes a Line. Throws SMX_TRANSPORT_SOURCE. */
export function listenLines(source: string, options: ListenOptions): LineListener {
  const parsed = parseSource(source);
  if (parsed.kind !== 'tcp-listen')
    throw new SmxError(
      'SMX_TRANSPORT_SOURCE',
      `"${parsed.label}" cannot be listened on: expected tcp-listen://host:port`,
      {
        details: [{ path: 'source', expected: 'tcp-listen://host:port' }],
      },
    );
  const { PeerListener } = require('./peer-listener.js') as typeof import('./peer-listener.js');
  return new PeerListener(parsed, options);
}
