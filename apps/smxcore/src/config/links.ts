import { resolve } from 'node:path';
import { durationMs } from '@smx-edge/model';
import type { LinkSection } from './config.js';
import type { Fault } from './problem.js';
import type { RawConfig } from './schema.js';

type RawLink = NonNullable<RawConfig['links']>[string];
/** Each batch is made durable before it is sent, and held in memory while it is made; ms. */
const SHORTEST_BATCH = 1000;
const LONGEST_BATCH = 3_600_000;

const ADDRESS = 'an address like mqtts://host:8883';

/** Faults of a link that the schema cannot see, and what is not there yet. */
export function linkFaults(name: string, raw: RawLink | undefined): Fault[] {
  if (raw === undefined) return [];
  const at = (key: string): Fault['path'] => ['links', name, key];
  const faults: Fault[] = [];
  const { batch, encoding = 'json', tls, url } = raw;
  if (encoding !== 'json')
    faults.push({
      code: 'SMX_NOT_AVAILABLE',
      path: at('encoding'),
      wrong: `the encoding ${encoding} comes with a later version`,
      expected: 'json',
    });
  else if (url === 'local:')
    faults.push({
      code: 'SMX_NOT_AVAILABLE',
      path: at('url'),
      wrong: 'local: is for other encodings, which come with a later version; json is on the local broker already',
      expected: ADDRESS,
    });
  if (batch !== undefined && !(durationMs(batch) >= SHORTEST_BATCH && durationMs(batch) <= LONGEST_BATCH))
    faults.push({ code: 'SMX_CONFIG_INVALID', path: at('batch'), wrong: `a batch of ${batch}`, expected: '1s to 1h' });
  if (url !== 'local:') faults.push(...urlFaults(url, { path: at('url'), tls: tls ?? undefined }));
  if (tls && (tls.cert === undefined) !== (tls.key === undefined))
    faults.push({
      code: 'SMX_CONFIG_INVALID',
      path: at('tls'),
      wrong: 'cert and key belong together',
      expected: 'both or none',
    });
  return faults;
}

function urlFaults(url: string, o: { path: Fault['path']; tls: object | undefined }): Fault[] {
  const fault = (wrong: string, expected: string): Fault[] => [
    { code: 'SMX_CONFIG_INVALID', path: o.path, wrong, expected },
  ];
  if (!URL.canParse(url)) return fault('this is no address', ADDRESS);
  const { hostname, username, password, protocol } = new URL(url);
  if (hostname === '') return fault('the address has no host', ADDRESS);
  if (username !== '' || password !== '') return fault('a login stands in the address', 'user and password under auth:');
  const plain = protocol === 'mqtt:' || protocol === 'ws:';
  return plain && o.tls !== undefined ? fault(`${protocol}// has no TLS, but tls: is set`, 'mqtts:// or wss://') : [];
}

export function linkSection(raw: RawLink, folder: string): LinkSection {
  const { ack = 'consumer', alias, auth, batch, compress, now = '1s', order = 'oldest-first', role, tls, url } = raw;
  const file = (path: string | undefined): string | undefined => (path === undefined ? path : resolve(folder, path));
  const [ca, cert, key] = [file(tls?.ca), file(tls?.cert), file(tls?.key)];
  return {
    url,
    role,
    ...(alias === undefined ? {} : { alias }),
    auth: {
      ...(auth?.user === undefined ? {} : { user: auth.user }),
      ...(auth?.password === undefined ? {} : { password: auth.password }),
    },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    now: now === 'off' ? undefined : durationMs(now),
    compress: compress === 'deflate',
    ...{ ack, order, batch: batch === undefined ? undefined : durationMs(batch) },
  };
}
