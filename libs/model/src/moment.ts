import { durationMs } from './duration.js';
import { isSmxError } from './error.js';
import type { Zone } from './zone.js';

const LOCAL = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?$/;
const OFFSET = /(Z|[+-]\d\d:\d\d)$/;

/**
 * A time as users write it, ms UTC: ms UTC, ISO 8601 (without offset in the site's zone), `now`, or a duration before
 * now. Undefined for anything else.
 */
export function parseTime(text: string, at: { zone: Zone; now: number }): number | undefined {
  if (text === 'now') return at.now;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (LOCAL.test(text)) {
    const local = Date.parse(text.includes('T') ? `${text}Z` : `${text}T00:00:00Z`);
    return Number.isNaN(local) ? undefined : at.zone.utc(local);
  }
  if (OFFSET.test(text) && /^\d{4}-\d\d-\d\dT/.test(text)) {
    const t = Date.parse(text);
    return Number.isNaN(t) ? undefined : t;
  }
  try {
    return at.now - durationMs(text.replace(/^-/, ''));
  } catch (error) {
    if (isSmxError(error)) return undefined;
    throw error;
  }
}
