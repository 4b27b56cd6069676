import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DialFailure } from './far-side.js';

export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/**
 * Of what the back end says with a refusal, that goes on to the charge point. A `location` does not: who follows it would dial past
 * this box, with its password.
 */
export const PASSED_HEADERS = ['www-authenticate', 'retry-after', 'content-type'] as const;

const NO_BODY = Buffer.alloc(0);

/** What the charge point is told: what the back end said, 504 where it said nothing in time, else 502. */
export function refusalOf({ status, headers, body, code }: DialFailure): Refusal {
  if (status === undefined) return { status: code === 'TIMEOUT' ? 504 : 502 };
  // a success without an upgrade is none, and 1xx would leave the charge point waiting
  if (status < 300) return { status: 502 };
  return { status, ...(headers && { headers }), ...(body && { body }) };
}

/** Answers a request for an upgrade and closes. */
export function refuse(socket: Duplex, { status, headers = {}, body = NO_BODY }: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(body.length) });
  const head = lines.map(([name, value]) => `${properName(name)}: ${value}\r\n`).join('');
  socket.once('finish', () => socket.destroy());
  socket.write(Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${head}\r\n`, 'latin1'));
  socket.end(body);
}

/** As most write it: stations of little means may look for the capitals. */
const properName = (name: string): string =>
  name === 'www-authenticate' ? 'WWW-Authenticate' : name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
