import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** Under what charge points may dial this box where the operator names nothing: its name, and its addresses of now. */
export function ownNames(listenHost: string): string[] {
  const name = hostname().toLowerCase();
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    // link-local addresses say nothing without their interface
    .filter(({ address }) => !address.startsWith('fe80:'))
    .map(({ address }) => address);
  const listened = isIP(listenHost) !== 0 && !isAny(listenHost) ? [listenHost] : [];
  return [...new Set([name, ...(name.includes('.') ? [] : [`${name}.local`]), ...listened, ...addresses])].sort();
}

const isAny = (host: string): boolean => host === '0.0.0.0' || host === '::';
