import { formatObis, parseObis } from '@smx-edge/model';

/** One register as an SMXCore publishes it. */
export interface ObisReading {
  /** `1-1:16.7.0`. */
  readonly obis: string;
  /** Of `-2`, as the meter has it: W, var, Wh, varh, V, A, Hz; behind the current transformers where there are any. */
  readonly value: number;
  /** Of `-9`, what it means before the transformers: A, and kW or kvar. */
  readonly before?: number;
  /** Of `-5`: when the meter was read, local time without its zone, `2019-02-10T12:43:54`. */
  readonly readAt?: string;
}

export interface ObisMessage {
  readonly readings: readonly ObisReading[];
  /** Keys with nothing to be believed under them. */
  readonly skipped: readonly string[];
}

/** Numbers are texts, as Java prints a double: `1.8800000000000001`, and from ten millions on `1.0E7` (Double.toString). */
const NUMBER = /^[+-]?\d{1,20}(\.\d{1,20})?(E-?\d{1,2})?$/;
const US_TIME = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/;
const KEY = /^(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})-255$/;

/**
 * The body of `<gateway>/Data` (Storage4Grid D5.5 §7.3.3 and a capture of 2019-02-10). Undefined for what is no JSON object: an
 * SMXCore sends an empty body or a bare text where it has fewer than two values. What is absent stays absent.
 */
export function decodeObisJson(text: string): ObisMessage | undefined {
  const body = objectOf(text);
  if (body === undefined) return undefined;
  const readings: ObisReading[] = [];
  const skipped: string[] = [];
  for (const [key, cell] of Object.entries(body)) {
    const reading = readingOf(key, cell);
    if (reading === undefined) skipped.push(key);
    else readings.push(reading);
  }
  return { readings, skipped };
}

function objectOf(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    // told by the result: what a far side sends is no fault of this process
    return undefined;
  }
}

function readingOf(key: string, cell: unknown): ObisReading | undefined {
  const [, a, b, c, d, e] = KEY.exec(key) ?? [];
  const code = a === undefined ? undefined : parseObis(`${a}-${b}:${c}.${d}.${e}`);
  if (code === undefined || typeof cell !== 'object' || cell === null) return undefined;
  const { '-2': printed, '-5': time, '-9': calculated } = cell as Record<string, unknown>;
  const value = numberOf(printed);
  if (value === undefined) return undefined;
  const before = numberOf(calculated);
  const readAt = localTime(time);
  return {
    ...{ obis: formatObis(code), value },
    ...(before !== undefined && { before }),
    ...(readAt !== undefined && { readAt }),
  };
}

function numberOf(text: unknown): number | undefined {
  return typeof text === 'string' && NUMBER.test(text) ? Number(text) : undefined;
}

function localTime(text: unknown): string | undefined {
  const [, month, day, year, clock] = (typeof text === 'string' && US_TIME.exec(text)) || [];
  if (clock === undefined) return undefined;
  const iso = `${year}-${month}-${day}T${clock}`;
  const t = Date.parse(`${iso}Z`);
  // 02/30 is a date to Date, of March
  return Number.isFinite(t) && new Date(t).toISOString().startsWith(iso) ? iso : undefined;
}
