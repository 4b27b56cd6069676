/** A value in brackets, in the words of the meter. */
export interface DataValue {
  readonly value: string;
  /** What stands behind the `*`; undefined where nothing does. */
  readonly unit?: string;
}

/** An address with what stands behind it (IEC 62056-21 §6.3.2 item 14 and Annex D). */
export interface DataSet {
  /** As the meter writes it; empty where it leaves the address out. */
  readonly address: string;
  readonly values: readonly DataValue[];
}

const OPEN = 0x28;
const CLOSE = 0x29;
const STAR = 0x2a;
const SPACE = 0x20;
const BANG = 0x21;

/**
 * The data sets of a data block, several of them on a line or not. What is no data set is passed over; an open bracket that
 * is never closed ends it. The values are not looked into: which of them are numbers the address says.
 */
export function decodeDataSets(text: string): DataSet[] {
  const sets: DataSet[] = [];
  const { length } = text;
  // of an address; line ends, blanks and what else is printed nowhere in one begin it anew
  let start = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code <= SPACE || code === BANG) start = at + 1;
    else if (code === OPEN) {
      const address = text.slice(start, at);
      const values: DataValue[] = [];
      while (text.charCodeAt(at) === OPEN) {
        const close = closing(text, at + 1);
        if (close < 0) return sets;
        values.push(valueOf(text, at + 1, close));
        at = close + 1;
      }
      sets.push({ address, values });
      start = at--;
    }
  }
  return sets;
}

/** By hand, as a call of `indexOf` costs more than the few characters of a value. */
function closing(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text.charCodeAt(at) === CLOSE) return at;
  return -1;
}

function valueOf(text: string, from: number, to: number): DataValue {
  let star = to - 1;
  while (star >= from && text.charCodeAt(star) !== STAR) star--;
  return star < from
    ? { value: text.slice(from, to) }
    : { value: text.slice(from, star), unit: text.slice(star + 1, to) };
}

/** Which value of a series an address means. */
export interface StoredValue {
  /** `*`: stored at the end of a period; `&`: stored by hand. */
  readonly by: '*' | '&';
  readonly number: number;
}

/** An address taken apart (IEC 62056-61): value groups A to E, and what was stored. */
export interface Address {
  readonly a: number;
  readonly b: number;
  /** As it is written: a number, or `C`, `F`, `L`, `P` for 96 to 99. */
  readonly c: number;
  readonly d: number;
  readonly e: number;
  /** Undefined for the present value. */
  readonly stored?: StoredValue;
}

const ADDRESS =
  /^(?:(\d{1,3})-(\d{1,3}):)?([CFLP]|\d{1,3})(?:\.([CFLP]|\d{1,3}))?(?:\.(\d{1,3}))?(?:([*&])(\d{1,3}))?$/;
const LETTERS: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };
const PRESENT = 255;

/** `1.8.0`, `1-0:1.8.0*255`, `1.8.0*19`, `F.F`, `C.1.0`; what is left out is 1-0 (0-0 for `C`, `F`, `L`, `P`) and 0. Undefined where it is none. */
export function decodeAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d, e, by, number] = match.slice(1);
  const group = (part: string | undefined): number => (part === undefined ? 0 : (LETTERS[part] ?? Number(part)));
  const isAbstract = c! in LETTERS;
  const address: Address = {
    ...{ a: a === undefined ? (isAbstract ? 0 : 1) : Number(a), b: b === undefined ? 0 : Number(b) },
    ...{ c: group(c), d: group(d), e: group(e) },
  };
  if ([address.a, address.b, address.c, address.d, address.e, Number(number ?? 0)].some((part) => part > PRESENT))
    return undefined;
  const isPresent = by === undefined || (by === '*' && Number(number) === PRESENT);
  return isPresent ? address : { ...address, stored: { by: by as '*' | '&', number: Number(number) } };
}

/** OBIS code of an address, as `1-0:1.8.0*255`; `&` counts as `*`. */
export function obisOf({ a, b, c, d, e, stored }: Address): string {
  return `${a}-${b}:${c}.${d}.${e}*${stored?.number ?? PRESENT}`;
}
