import { BAD, GOOD, POINT_TYPES, UNCERTAIN, type PointType, type SampleBatch } from '@smx-edge/model';

/** A source time further than this from the box clock is not believed (contracts §3). */
export const TRUSTED_MS = 10 * 60_000;
/** Longest text and list a point may hold, so that no sample can fill memory or a record of the journal. */
const LONGEST_TEXT = 8192;
const LONGEST_LIST = 1024;

export const typeCode = (type: PointType): number => POINT_TYPES.indexOf(type);

const BOOLEAN = typeCode('boolean');
const TIME = typeCode('time');
const STRING = typeCode('string');
const NUMBERS = typeCode('numbers');

/** Whether points of this type keep their value in `SampleBatch.other`. */
export const isOther = (type: number): boolean => type === STRING || type === NUMBERS;

function refuse(batch: SampleBatch, i: number, reason: string): void {
  batch.number[i] = NaN;
  batch.quality[i] = BAD;
  batch.reason.set(i, reason);
}

function textFault(value: string | readonly number[]): string | undefined {
  if (typeof value !== 'string') return 'not a text';
  return value.length > LONGEST_TEXT ? `a text of more than ${LONGEST_TEXT} characters` : undefined;
}

function listFault(value: string | readonly number[]): string | undefined {
  if (typeof value === 'string' || !value.every(Number.isFinite)) return 'not a list of finite numbers';
  return value.length > LONGEST_LIST ? `a list of more than ${LONGEST_LIST} numbers` : undefined;
}

function checkOther(batch: SampleBatch, i: number, type: number): void {
  const other = batch.other.get(i);
  if (isOther(type)) {
    batch.number[i] = NaN;
    if (other === undefined || other === null) {
      batch.other.set(i, null);
      return;
    }
    const fault = type === STRING ? textFault(other) : listFault(other);
    if (fault === undefined) return;
    batch.other.set(i, null);
    refuse(batch, i, fault);
  } else if (other !== undefined) {
    batch.other.delete(i);
    if (other !== null) refuse(batch, i, 'not a number');
  }
}

/** What a sample is held to; one object is reused for a whole batch. */
export interface SampleContext {
  /** Type code of the point. */
  type: number;
  /** Box clock, ms UTC. */
  now: number;
  /** Source time of the sample before. */
  known: number;
}

/**
 * Holds sample `i` to the type of its point and to the rule of source times, in place: what does not fit becomes null
 * and bad with a reason, a source time more than 10 min from the box clock `now` becomes the receive time and the
 * sample at best uncertain.
 */
export function applySampleRules(batch: SampleBatch, i: number, point: SampleContext): void {
  const { type, now, known } = point;
  if (isOther(type) || batch.other.size > 0) checkOther(batch, i, type);
  const value = batch.number[i]!;
  if (value === Infinity || value === -Infinity) refuse(batch, i, 'out of range');
  else if (type === BOOLEAN && value === value && value !== 0 && value !== 1)
    refuse(batch, i, 'neither true nor false');
  else if (type === TIME && value === value && !Number.isSafeInteger(value))
    refuse(batch, i, 'not a time in whole milliseconds');
  if (batch.quality[i]! > 4) batch.quality[i] = BAD;
  const t = batch.t[i]!;
  if (Math.abs(t - now) <= TRUSTED_MS) batch.t[i] = Math.round(t);
  // a value restated as stale or bad keeps the time it was taken at, or it would look younger than it is
  else if (t === known && batch.quality[i] !== GOOD && batch.quality[i] !== UNCERTAIN) return;
  else {
    batch.t[i] = batch.received;
    if (batch.quality[i] === GOOD) {
      batch.quality[i] = UNCERTAIN;
      if (!batch.reason.has(i))
        batch.reason.set(i, 'the time the device gave is more than 10 min off the clock of the box');
    }
  }
}

/** Takes sample `i` out of the batch; for the rare sample of a point that is gone. */
export function dropSample(batch: SampleBatch, i: number): void {
  for (const column of [batch.handle, batch.number, batch.t, batch.quality]) column.copyWithin(i, i + 1, batch.n);
  for (const map of [batch.other, batch.reason] as Map<number, unknown>[]) {
    const moved = [...map].filter(([at]) => at !== i).map(([at, value]) => [at > i ? at - 1 : at, value] as const);
    map.clear();
    for (const [at, value] of moved) map.set(at, value);
  }
  batch.n--;
}
