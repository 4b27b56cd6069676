import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { LineFault } from '../fault.js';
import type { TlsSource } from '../source.js';
import type { LineTls } from '../types.js';

type Files = Pick<TlsSource, 'ca' | 'cert' | 'key' | 'servername' | 'insecure'>;

function pem(what: string, given: string | undefined, path: string | undefined): Record<string, string> {
  if (given !== undefined) return { [what]: given };
  if (path === undefined) return {};
  try {
    return { [what]: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new LineFault(
      'tls',
      `the ${what} file ${path} of the source cannot be read; check the path and its rights`,
      error,
    );
  }
}

/** Read anew for each connection, so that a renewed certificate is taken up. */
export function tlsOptions(files: Files, tls: LineTls): ConnectionOptions {
  const servername = tls.servername ?? files.servername;
  return {
    ...pem('ca', tls.ca, files.ca),
    ...pem('cert', tls.cert, files.cert),
    ...pem('key', tls.key, files.key),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: !files.insecure,
    minVersion: 'TLSv1.2',
  };
}
