import type { StationSettings } from '../settings.js';
import type { Handshake } from './wire.js';

/** Where a charge point is dialled on: `path` with its query is raw text, for URL would write it anew. */
export interface Target {
  readonly origin: string;
  readonly path: string;
}

/** The address of the back end for what the charge point asked: its own path and query below the base (2.1 part 4 §6.2). */
export function targetOf(station: StationSettings, { url }: Pick<Handshake, 'url'>): Target {
  const base = new URL(station.backend);
  const credentials = base.username === '' ? '' : `${base.username}:${base.password}@`;
  const origin = `${base.protocol}//${credentials}${base.host}`;
  if (!station.append) return { origin, path: base.pathname + base.search };
  const [path, query] = cut(url, '?');
  const own = station.backEndId === undefined ? path : inPlaceOfLast(path, encodeURIComponent(station.backEndId));
  const queries = [base.search.slice(1), query ?? ''].filter((part) => part !== '');
  const search = queries.length === 0 ? (query === undefined ? '' : '?') : `?${queries.join('&')}`;
  return { origin, path: base.pathname.replace(/\/+$/, '') + own + search };
}

/** Identity and what is below the path at which is listened; undefined where it is not below it or names nobody. */
export function askedFor(url: string, path: string): { readonly identity: string; readonly url: string } | undefined {
  if (!url.startsWith(`${path}/`)) return undefined;
  const below = url.slice(path.length);
  const [own] = cut(below, '?');
  if (MISREAD.test(own)) return undefined;
  const identity = decoded(own.slice(own.lastIndexOf('/') + 1));
  return NAME.test(identity) ? { identity, url: below } : undefined;
}

/**
 * What back ends read as another path than this box does: a fragment, which hides the identity behind it, and segments that lead
 * out of the base. No charge point sends them: who builds an address resolves them.
 */
const MISREAD = /#|(?:^|[\\/])(?:\.|%2e){1,2}(?:[\\/]|$)/i;
/** OCPP 2.x allows 48 characters (2.1 part 4 §3.1.1), 1.6 says nothing; what is longer or has control characters names nobody. */
const NAME = /^[^\p{Cc}]{1,255}$/u;

const inPlaceOfLast = (path: string, segment: string): string => path.slice(0, path.lastIndexOf('/') + 1) + segment;

function cut(text: string, mark: string): readonly [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // a percent sign that stands for itself
    return segment;
  }
}
