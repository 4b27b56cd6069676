/** Fields of a COSEM date-time (Green Book §4.1.6.1); undefined where it says "not specified". */
export interface CosemDateTime {
  readonly year: number | undefined;
  /** 1 to 12; `dst-begin` and `dst-end` for the days on which clocks change. */
  readonly month: number | 'dst-begin' | 'dst-end' | undefined;
  /** 1 to 31, -1 for the last of the month, -2 for the one before. */
  readonly day: number | undefined;
  /** 1 = Monday. */
  readonly dayOfWeek: number | undefined;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
  readonly hundredths: number | undefined;
  /** Minutes to add to local time to get UTC. */
  readonly deviation: number | undefined;
  readonly status: ClockStatus;
}

/** Bits of the clock status; `undefined` as a whole where the byte is FF. */
export interface ClockStatus {
  readonly raw: number;
  readonly invalid: boolean;
  readonly doubtful: boolean;
  readonly differentBase: boolean;
  readonly invalidStatus: boolean;
  readonly dst: boolean;
}

const UNSPECIFIED = 0xff;
const NO_DEVIATION = 0x8000;
const byte = (value: number): number | undefined => (value === UNSPECIFIED ? undefined : value);

/** The twelve octets of a date-time; undefined for another length. */
export function decodeDateTime(octets: Uint8Array): CosemDateTime | undefined {
  if (octets.length !== 12) return undefined;
  const year = octets[0]! * 256 + octets[1]!;
  const month = octets[2]!;
  const day = octets[3]!;
  const deviation = octets[9]! * 256 + octets[10]!;
  const raw = octets[11]!;
  const bits = raw === UNSPECIFIED ? 0 : raw;
  return {
    year: year === 0xffff ? undefined : year,
    month: month === 0xfe ? 'dst-begin' : month === 0xfd ? 'dst-end' : byte(month),
    day: day === 0xfe ? -1 : day === 0xfd ? -2 : byte(day),
    dayOfWeek: byte(octets[4]!),
    hour: byte(octets[5]!),
    minute: byte(octets[6]!),
    second: byte(octets[7]!),
    hundredths: byte(octets[8]!),
    deviation: deviation === NO_DEVIATION ? undefined : (deviation << 16) >> 16,
    status: {
      raw,
      invalid: (bits & 0x01) !== 0,
      doubtful: (bits & 0x02) !== 0,
      differentBase: (bits & 0x04) !== 0,
      invalidStatus: (bits & 0x08) !== 0,
      dst: (bits & 0x80) !== 0,
    },
  };
}

/** ms of the fields read as if they were UTC; undefined where the date or time is not wholly given or is none. */
export function localTime({ year, month, day, hour, minute, second, hundredths }: CosemDateTime): number | undefined {
  if (year === undefined || typeof month !== 'number' || day === undefined || day < 1 || hour === undefined)
    return undefined;
  const [m, ms] = [minute ?? 0, (second ?? 0) * 1000 + (hundredths ?? 0) * 10];
  // what overflows into the next month, day or hour was no time; a year below 100 means another to the platform
  const isDay = year >= 100 && month >= 1 && month <= 12 && day <= daysOf(year, month);
  return isDay && hour < 24 && m < 60 && ms < 60_000 ? Date.UTC(year, month - 1, day, hour, m) + ms : undefined;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** ms UTC where the deviation is given; the repeated hour is told apart by it alone. */
export function utcTime(time: CosemDateTime): number | undefined {
  return utcOf(time, localTime(time));
}

/** The same of a time whose `localTime` is known. */
export function utcOf({ deviation }: CosemDateTime, local: number | undefined): number | undefined {
  return local === undefined || deviation === undefined ? undefined : local + deviation * 60_000;
}

/** Twelve octets of an instant. `deviation`: minutes to add to local time to get UTC. */
export function encodeDateTime(
  t: number,
  { deviation, dst = false, status = 0 }: { deviation: number; dst?: boolean; status?: number },
): Uint8Array {
  const local = new Date(t - deviation * 60_000);
  const octets = new Uint8Array(12);
  const view = new DataView(octets.buffer);
  view.setUint16(0, local.getUTCFullYear());
  octets[2] = local.getUTCMonth() + 1;
  octets[3] = local.getUTCDate();
  octets[4] = local.getUTCDay() === 0 ? 7 : local.getUTCDay();
  octets[5] = local.getUTCHours();
  octets[6] = local.getUTCMinutes();
  octets[7] = local.getUTCSeconds();
  octets[8] = Math.floor(local.getUTCMilliseconds() / 10);
  view.setInt16(9, deviation);
  octets[11] = status | (dst ? 0x80 : 0);
  return octets;
}
