/** What a meter's clock showed; no zone is known but what the season says. */
export interface Stamp {
  /** Local time as if it were UTC, ms. */
  readonly local: number;
  /** What the leading digit says: 0 standard time, 1 summer time, 2 UTC; undefined where there is none. */
  readonly season?: 'standard' | 'summer' | 'utc';
}

const SEASONS = ['standard', 'summer', 'utc'] as const;
const CENTURY = 2000;
const DAY = 86_400_000;
/** ZST: season digit and YYMMDDhhmm[ss], either left out. */
const PACKED = /^([012]?)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/;
const PACKED_DATE = /^([012]?)(\d\d)(\d\d)(\d\d)$/;
const PACKED_CLOCK = /^([012]?)(\d\d)(\d\d)(\d\d)$/;
const WRITTEN_DATE = /^(?:(\d\d)|(20\d\d))[-./](\d\d)[-./](\d\d)$/;
const WRITTEN_CLOCK = /^(\d\d):(\d\d)(?::(\d\d))?$/;

interface Parts {
  readonly season: string;
  readonly numbers: readonly number[];
}

/**
 * A date and time as meters write it: `0260110001500` (ZST13), 10 to 12 digits of the same, `26-01-02 08:30`,
 * `26-01-02,08:30`. Undefined where it is none, as the `00-00-00 00:00` of what never was.
 */
export function decodeStamp(text: string): Stamp | undefined {
  const packed = PACKED.exec(text);
  // of eleven digits the first is a season: seconds come in pairs
  if (packed !== null) {
    const [season, ...rest] = packed.slice(1) as [string, ...(string | undefined)[]];
    return stampOf({ season, numbers: rest.map((part) => Number(part ?? 0)) });
  }
  const [date, clock, ...more] = text.split(/[ ,]+/);
  return clock === undefined || more.length > 0 ? undefined : joinStamp(date!, clock);
}

/** A date and a time that stand in two values: `0170318` and `201455`, `17-11-06` and `16:40:56`, and what else meters write. */
export function joinStamp(date: string, clock: string): Stamp | undefined {
  const day = dateParts(date);
  const time = clockParts(clock);
  if (day === undefined || time === undefined) return undefined;
  return stampOf({ season: time.season || day.season, numbers: [...day.numbers, ...time.numbers] });
}

function dateParts(text: string): Parts | undefined {
  const written = WRITTEN_DATE.exec(text);
  if (written !== null) {
    const [short, long, month, day] = written.slice(1);
    const year = short ?? String(Number(long) - CENTURY);
    return { season: '', numbers: [year, month, day].map(Number) };
  }
  return partsOf(PACKED_DATE.exec(text));
}

function clockParts(text: string): Parts | undefined {
  const written = WRITTEN_CLOCK.exec(text);
  if (written !== null) {
    const [hour, minute, second = '0'] = written.slice(1) as [string, string, string?];
    return { season: '', numbers: [hour, minute, second].map(Number) };
  }
  return partsOf(PACKED_CLOCK.exec(text));
}

function partsOf(match: RegExpExecArray | null): Parts | undefined {
  if (match === null) return undefined;
  const [season, ...numbers] = match.slice(1) as [string, ...string[]];
  return { season, numbers: numbers.map(Number) };
}

function stampOf({ season, numbers }: Parts): Stamp | undefined {
  const [year, month, day, hour, minute, second] = numbers as [number, number, number, number, number, number];
  const midnight = Date.UTC(CENTURY + year, month - 1, day);
  const isDate = month >= 1 && month <= 12 && day >= 1 && new Date(midnight).getUTCDate() === day;
  // some meters write the end of a day as 24:00
  const isClock = (hour < 24 && minute < 60 && second < 60) || (hour === 24 && minute === 0 && second === 0);
  if (!isDate || !isClock) return undefined;
  const local = midnight + ((hour * 60 + minute) * 60 + second) * 1000;
  return local - midnight > DAY || season === '' ? { local } : { local, season: SEASONS[Number(season)]! };
}

/** ZST of a stamp for the interval of a request, of so many digits (10 to 13; 11 and 13 have a season). */
export function encodeStamp({ local, season = 'standard' }: Stamp, digits: 10 | 11 | 12 | 13): string {
  const iso = new Date(local).toISOString();
  const packed = iso.slice(2, 19).replace(/[-T:]/g, '');
  const text = digits >= 12 ? packed : packed.slice(0, 10);
  return digits % 2 === 0 ? text : `${SEASONS.indexOf(season)}${text}`;
}
