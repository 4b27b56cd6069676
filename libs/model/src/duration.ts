import { SmxError } from './error.js';

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|min|h|d|w|y)$';
export const SIZE_PATTERN = '^\\d+(\\.\\d+)?(B|kB|KiB|MB|MiB|GB|GiB)$';

const SIZE_BYTES: Record<string, number> = {
  B: 1,
  kB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};

function parse(text: string, pattern: string): [number, string] | undefined {
  if (!new RegExp(pattern).test(text)) return undefined;
  const digits = /^[\d.]+/.exec(text)?.[0] ?? '';
  return [Number(digits), text.slice(digits.length)];
}

/** Milliseconds of `500ms 10s 15m 1h 31d 10y` (a year is 365 days). Throws SMX_CONFIG_INVALID. */
export function durationMs(text: string): number {
  const parts = parse(text, DURATION_PATTERN);
  if (parts === undefined)
    throw new SmxError(
      'SMX_CONFIG_INVALID',
      `"${text}" is not a duration; write it like 500ms, 10s, 15m, 1h, 31d or 10y`,
    );
  return Math.round(parts[0] * (UNIT_MS[parts[1]] ?? NaN));
}

/** Bytes of `64MiB`. Throws SMX_CONFIG_INVALID. */
export function sizeBytes(text: string): number {
  const parts = parse(text, SIZE_PATTERN);
  if (parts === undefined)
    throw new SmxError('SMX_CONFIG_INVALID', `"${text}" is not a size; write it like 64MiB or 2GiB`);
  return Math.round(parts[0] * (SIZE_BYTES[parts[1]] ?? NaN));
}

/** The shortest exact text of a duration: 900000 → `15m`. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = UNIT_MS[unit] ?? NaN;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
