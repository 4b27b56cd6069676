import { createHash } from 'node:crypto';
import { durationMs, isSmxError, SmxError, type Zone } from '@smx-edge/model';
import type { Schedule } from './schedule.js';

/** A schedule as a party wishes it; values in `unit`, which is the point's where absent. */
export interface ScheduleWish extends Schedule {
  readonly id?: string;
  readonly t?: number;
  readonly point: string;
  readonly unit?: string;
  readonly hb?: number;
  readonly reason?: string;
  /** Under which it is told, where that is not the id: a SenML pack has no id of its own. */
  readonly name?: string;
}

const MOST_VALUES = 200;
const LEAST_STEP = 1000;
const LONGEST_STEP = 86_400_000;
const LONGEST_ID = 128;
const HOUR = 3_600_000;
/** Larger numbers are ms: as seconds they would be years beyond any calendar (facts of SenML in the field). */
const SECONDS = 1e11;
/** Smaller times count from now (RFC 8428 §4.5.3). */
const RELATIVE = 2 ** 28;

/** What is needed to read the times and names of a schedule. */
export interface SetpointLookup {
  readonly zone: Zone;
  /** ms UTC. */
  readonly now: number;
  /** Whether a path is a set-point that this party may command. */
  readonly isSetpoint: (path: string) => boolean;
}

const fault = (where: string, expected: string): never => {
  throw new SmxError('SMX_COMMAND_SCHEDULE', `${where}: expected ${expected}`, {
    details: [{ path: where, expected }],
  });
};

/** Reads a native schedule; `point` may stand beside the body. Throws SMX_COMMAND_SCHEDULE. */
export function scheduleWish(
  body: Readonly<Record<string, unknown>>,
  at: SetpointLookup,
  point = body['point'],
): ScheduleWish {
  const { id, t, unit, hb, reason } = body;
  if (typeof point !== 'string' || point === '') return fault('point', 'the path of a set-point');
  if (id !== undefined && (typeof id !== 'string' || id === '' || id.length > LONGEST_ID))
    return fault('id', `a text of 1 to ${LONGEST_ID} letters`);
  if (t !== undefined && !Number.isSafeInteger(t)) return fault('t', 'ms UTC');
  if (unit !== undefined && typeof unit !== 'string') return fault('unit', 'a unit like W or kW');
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > 500)) return fault('reason', 'a text');
  const beat = hb === undefined ? undefined : duration('hb', hb);
  const step = duration('step', body['step']);
  if (step < LEAST_STEP || step > LONGEST_STEP) return fault('step', 'a duration from 1s to 1d');
  const values = valuesOf(body['values']);
  const priority = prioritiesOf(body['priority'], values.length);
  return {
    ...{ point, start: startOf(body['start'], at), step, values },
    ...(id === undefined ? {} : { id }),
    ...(t === undefined ? {} : { t: t as number }),
    ...(unit === undefined ? {} : { unit }),
    ...(priority === undefined ? {} : { priority }),
    ...(beat === undefined ? {} : { hb: beat }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function duration(where: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  try {
    if (typeof value === 'string') return durationMs(value);
  } catch (error) {
    if (!isSmxError(error)) throw error;
  }
  return fault(where, 'a duration like 15m, 30m or 1h');
}

function valuesOf(values: unknown): (number | null)[] {
  const list: readonly unknown[] = Array.isArray(values) ? values : [];
  if (list.length < 1 || list.length > MOST_VALUES) return fault('values', `1 to ${MOST_VALUES} numbers`);
  for (const [i, value] of list.entries())
    if (value !== null && !Number.isFinite(value)) return fault(`values.${i}`, 'a number, or null for none');
  return list as (number | null)[];
}

function prioritiesOf(given: unknown, length: number): number[] | undefined {
  if (given === undefined || given === null) return undefined;
  const list: readonly unknown[] = Array.isArray(given) ? given : Array.from({ length }, () => given);
  if (list.length !== length) return fault('priority', `${length} of them, one for each value`);
  for (const one of list)
    if (!Number.isInteger(one) || (one as number) < 0 || (one as number) > 100)
      return fault('priority', 'whole numbers 0-100');
  return list as number[];
}

const OFFSET = /(Z|[+-]\d\d:\d\d)$/;

/** ms UTC, ISO 8601 (without offset by the zone of the site), or `today` and `tomorrow`: the local midnight they begin with. */
function startOf(start: unknown, { zone, now }: SetpointLookup): number {
  if (typeof start === 'number' && Number.isSafeInteger(start) && start > 0) return start;
  const today = zone.dayStart(now);
  if (start === 'today') return today;
  // no day is longer than 25 hours, none shorter than 23
  if (start === 'tomorrow') return zone.dayStart(today + 30 * HOUR);
  if (typeof start === 'string' && /^\d{4}-\d\d-\d\d/.test(start)) {
    const t = Date.parse(OFFSET.test(start) ? start : `${start.length === 10 ? `${start}T00:00` : start}Z`);
    if (!Number.isNaN(t)) return OFFSET.test(start) ? t : zone.utc(t);
  }
  return fault('start', 'ms UTC, ISO 8601, today or tomorrow');
}

interface SenmlEntry {
  readonly t: number;
  readonly v: number;
}

/**
 * Reads a SenML pack (RFC 8428) of numbers at even times: the name of its records is the set-point, its base name else an
 * id. Times are seconds, or ms where they are too large for that; a pack has no id of its own, so that its content makes
 * one. Throws SMX_COMMAND_SCHEDULE.
 */
export function senmlWish(pack: readonly unknown[], at: SetpointLookup, given?: string): ScheduleWish {
  let base = { bn: '', bt: 0, bu: undefined as unknown, bv: 0 };
  let point: string | undefined;
  const entries: SenmlEntry[] = [];
  let unit: unknown;
  for (const [i, raw] of pack.entries()) {
    if (typeof raw !== 'object' || raw === null) return fault(`${i}`, 'a SenML record');
    const { bn, bt, bu, bv, n = '', t = 0, u, v } = raw as Record<string, unknown>;
    base = {
      bn: typeof bn === 'string' ? bn : base.bn,
      bt: typeof bt === 'number' ? bt : base.bt,
      bu: bu ?? base.bu,
      bv: typeof bv === 'number' ? bv : base.bv,
    };
    if (typeof v !== 'number' || !Number.isFinite(v)) return fault(`${i}.v`, 'a number');
    if (typeof t !== 'number' || typeof n !== 'string') return fault(`${i}`, 'a number `t` and a text `n`');
    const name: string = given ?? pointOf(base.bn, n, at.isSetpoint);
    if (name !== (point ?? name)) return fault(`${i}.n`, `the same set-point in all records (${point ?? ''})`);
    if ((u ?? base.bu) !== (unit ?? u ?? base.bu)) return fault(`${i}.u`, 'the same unit in all records');
    point = name;
    unit ??= u ?? base.bu;
    entries.push({ t: instant(base.bt + t, at.now), v: base.bv + v });
  }
  if (point === undefined || entries.length > MOST_VALUES) return fault('', `1 to ${MOST_VALUES} records`);
  if (unit !== undefined && typeof unit !== 'string') return fault('u', 'a unit like W or kW');
  const digest = createHash('sha256').update(JSON.stringify(pack)).digest('hex').slice(0, 16);
  const name = base.bn !== '' && base.bn.length <= LONGEST_ID / 2 ? base.bn : digest;
  return { id: `${name}/${digest}`, name, point, ...evenly(entries), ...(unit === undefined ? {} : { unit }) };
}

function pointOf(bn: string, n: string, isSetpoint: SetpointLookup['isSetpoint']): string {
  const plain = (path: string): string => path.replace(/^[/:]+|[/:]+$/g, '');
  const found = [bn + n, n, bn].map(plain).find((path) => path !== '' && isSetpoint(path));
  return found ?? fault('n', 'the path of a set-point that you may command, as n, or bn and n together');
}

/** RFC 8428 §4.5.3, and ms as devices in the field send them. */
function instant(t: number, now: number): number {
  if (Math.abs(t) >= SECONDS) return t;
  return t < RELATIVE ? now + t * 1000 : Math.round(t * 1000);
}

function evenly(entries: SenmlEntry[]): Schedule {
  entries.sort((a, b) => a.t - b.t);
  const [first, second] = entries;
  const step = second === undefined ? HOUR : second.t - first!.t;
  for (const [i, { t }] of entries.entries())
    if (Math.abs(t - first!.t - i * step) > 1 || step < LEAST_STEP) return fault(`${i}.t`, 'times at an even step');
  return { start: Math.round(first!.t), step: Math.round(step), values: entries.map(({ v }) => v) };
}
