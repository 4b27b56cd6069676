/** An OBIS code `A-B:C.D.E*F` (IEC 62056-61); F is 255 where not given. */
export interface Obis {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
}

const PATTERN = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*(\d{1,3}))?$/;

export function parseObis(text: string): Obis | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map((part: string | undefined) => (part === undefined ? 255 : Number(part)));
  if (parts.some((part) => part > 255)) return undefined;
  const [a, b, c, d, e, f] = parts;
  return { a: a!, b: b!, c: c!, d: d!, e: e!, f: f! };
}

/** Canonical text; `*F` only where F is not 255. */
export function formatObis({ a, b, c, d, e, f }: Obis): string {
  return `${a}-${b}:${c}.${d}.${e}${f === 255 ? '' : `*${f}`}`;
}

/** Path segment of a register without a name of its own: `1-0:1.8.0` → `1-0_1-8-0`. */
export function obisSegment(code: string): string {
  return code.replace(':', '_').replaceAll('.', '-').replace('*', '_');
}
