import { durationMs, isSmxError, SmxError, type ErrorDetail, type PointValue } from '@smx-edge/model';

/** A command as a party wishes it, well formed and not yet judged. Times ms UTC, durations ms. */
export interface CommandWish {
  readonly id?: string;
  /** When it was issued. */
  readonly t?: number;
  readonly point: string;
  readonly value?: PointValue;
  readonly min?: number;
  readonly max?: number;
  readonly for?: number;
  readonly until?: number;
  readonly priority?: number;
  readonly hb?: number;
  readonly reason?: string;
}

const KEYS = ['id', 't', 'point', 'value', 'min', 'max', 'for', 'until', 'priority', 'hb', 'reason'] as const;
const LONGEST_ID = 128;
const LONGEST_PATH = 200;
const LONGEST_TEXT = 500;
const MOST_NUMBERS = 100;

type Check = (value: unknown) => boolean;

const text =
  (most: number): Check =>
  (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= most;
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const time: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isPointValue: Check = (value) =>
  number(value) ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= LONGEST_TEXT) ||
  (Array.isArray(value) && value.length <= MOST_NUMBERS && value.every(number));

const CHECKS: Readonly<Record<(typeof KEYS)[number], readonly [check: Check, expected: string]>> = {
  id: [text(LONGEST_ID), `a text of 1 to ${LONGEST_ID} letters`],
  t: [time, 'ms UTC'],
  point: [text(LONGEST_PATH), 'the path of a set-point'],
  value: [isPointValue, 'a number, text, true or false, or a list of numbers'],
  min: [number, 'a number'],
  max: [number, 'a number'],
  for: [isDuration, 'a duration above 0 like 10s, 15m or 1h'],
  until: [time, 'ms UTC'],
  priority: [
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 100,
    'a whole number 0-100',
  ],
  hb: [isDuration, 'a duration above 0 like 60s'],
  reason: [
    (value) => typeof value === 'string' && value.length <= LONGEST_TEXT,
    `a text of at most ${LONGEST_TEXT} letters`,
  ],
};

/** ms of `15m`; undefined where it is none. A bare number may mean seconds or ms, and a lease must not be guessed. */
function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const ms = durationMs(value);
    return ms > 0 ? ms : undefined;
  } catch (error) {
    if (isSmxError(error)) return undefined;
    throw error;
  }
}

function isDuration(value: unknown): boolean {
  return durationOf(value) !== undefined;
}

/**
 * Reads a command. Unknown members are passed over, or with `strict` faults. Throws `code` naming each member that does
 * not fit.
 */
export function commandWish(
  body: Readonly<Record<string, unknown>>,
  { code, strict }: { readonly code: 'SMX_HTTP_BAD_REQUEST' | 'SMX_MESSAGE_MALFORMED'; readonly strict: boolean },
): CommandWish {
  const faults: ErrorDetail[] = [];
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    const known = KEYS.find((name) => name === key);
    if (known === undefined) {
      if (strict) faults.push({ path: key, expected: `one of ${KEYS.join(', ')}` });
      continue;
    }
    // a member that is null is one that was left out
    if (value === null && known !== 'value') continue;
    const [check, expected] = CHECKS[known];
    if (!check(value)) faults.push({ path: key, expected });
    else found[known] = known === 'for' || known === 'hb' ? durationOf(value) : value;
  }
  faults.push(...together(body));
  if (faults.length > 0) {
    const words = faults.map(({ path, expected }) => `${path}: expected ${expected}`).join('; ');
    throw new SmxError(code, words, { details: faults });
  }
  return found as unknown as CommandWish;
}

function together(body: Readonly<Record<string, unknown>>): ErrorDetail[] {
  const has = (key: string): boolean => body[key] !== undefined && body[key] !== null;
  const faults: ErrorDetail[] = [];
  if (!has('point')) faults.push({ path: 'point', expected: 'the path of a set-point' });
  const limited = has('min') || has('max');
  if (!limited && body['value'] === undefined) faults.push({ path: 'value', expected: 'what to set' });
  if (limited && has('value')) faults.push({ path: 'value', expected: 'none beside min and max, which make a limit' });
  if (has('for') && has('until')) faults.push({ path: 'until', expected: 'none beside for' });
  const { min, max } = body;
  if (typeof min === 'number' && typeof max === 'number' && min > max)
    faults.push({ path: 'max', expected: 'at least min' });
  return faults;
}
