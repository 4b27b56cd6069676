import type { JsonObject } from './json.js';

const LONGEST = 256;
const ENTITY = /&(#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);/g;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const UNPRINTABLE = /[\p{Cc}\p{Cf}\uFFFD]/gu;
const LAST_CODE_POINT = 0x10ffff;
/** What firmwares write where they know nothing; 16777215 is the id of an inverter that has none. */
const UNKNOWN: readonly string[] = ['', 'n.a.', 'unknown', '16777215'];

/** A text as people gave it: names come as HTML entities (`&#80;&#114;…`), serials with blanks behind them. */
export function decodeText(text: string): string {
  return (
    text
      .slice(0, LONGEST * 8)
      .replace(ENTITY, (whole, name: string) => {
        if (!name.startsWith('#')) return NAMED[name]!;
        const code = Number(name.slice(1).replace(/^[xX]/, '0x'));
        return code > LAST_CODE_POINT ? whole : String.fromCodePoint(code);
      })
      // manuals print a blank as ␣, and so do copies of their examples
      .replaceAll('\u2423', ' ')
      // names and serials get to terminals and logs
      .replaceAll(UNPRINTABLE, '')
      .trim()
      .slice(0, LONGEST)
  );
}

/** A text that says something, or undefined: absent, of another type, empty, or one of the firmwares' words for unknown. */
export function textAt(data: JsonObject, key: string): string | undefined {
  const value = data[key];
  if (typeof value !== 'string') return undefined;
  const text = decodeText(value);
  return UNKNOWN.includes(text) ? undefined : text;
}
