import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An upgrade as it was asked for. */
export interface Handshake {
  /** Path and query, byte for byte. */
  readonly url: string;
  /** Identity, decoded; empty where the path has none. */
  readonly station: string;
  readonly authorization: string | undefined;
  /** Subprotocols in their order. */
  readonly protocols: readonly string[];
  /** 101 where it was taken. */
  readonly status: number;
}

export interface Admission {
  readonly handshake: Handshake;
}

export interface Door {
  readonly path: string;
  readonly stations: Readonly<Record<string, string | Uint8Array | null>> | undefined;
  readonly refusal: number | null;
}

/** 404 for who is not known (1.6J errata 3.3), 401 for a wrong password, 101 for who may come in. */
export function admit(request: IncomingMessage, { path, stations, refusal }: Door): Admission {
  const { url = '/' } = request;
  const { authorization } = request.headers;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim()).filter((each) => each !== ''); // prettier-ignore
  const station = identityIn(url.split('?')[0]!, path) ?? '';
  const known = stations === undefined || Object.hasOwn(stations, station);
  const password = known ? (stations?.[station] ?? null) : null;
  const status = refusal ?? (station === '' || !known ? 404 : isRight(authorization, station, password) ? 101 : 401);
  return { handshake: { url, station, authorization, protocols, status } };
}

function identityIn(pathname: string, path: string): string | undefined {
  if (!pathname.startsWith(`${path}/`)) return undefined;
  const rest = pathname.slice(path.length + 1);
  if (rest.includes('/')) return undefined;
  try {
    return decodeURIComponent(rest);
  } catch {
    // told by the result
    return undefined;
  }
}

/** Passwords are bytes, and may hold any (1.6J §6.2.2). */
function isRight(authorization: string | undefined, station: string, password: string | Uint8Array | null): boolean {
  if (password === null) return true;
  const given = Buffer.from(/^Basic (.+)$/i.exec(authorization ?? '')?.[1] ?? '', 'base64');
  const wanted = Buffer.concat([Buffer.from(`${station}:`), Buffer.from(password as Uint8Array)]);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
