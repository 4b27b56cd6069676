import { senmlTime } from './time.js';

/** A resolved record (RFC 8428 §4.6): base fields are added to it. */
export interface SenmlRecord {
  /** Base name and name together; empty where the sender gives none. */
  readonly name: string;
  /** Null where the record says so, or where what it has is no value. */
  readonly value: number | string | boolean | null;
  /** As it is on the wire. */
  readonly unit?: string;
  /** ms UTC; absent where the sender has no clock (0, or nothing). */
  readonly t?: number;
}

export interface SenmlPack {
  readonly records: readonly SenmlRecord[];
  /** Places of records with nothing to be believed in them. */
  readonly skipped: readonly number[];
}

/** Base fields in force (RFC 8428 §4.1); each counts from its record on. */
interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number;
}

/** RFC 8428 §4.4: a higher version may mean something else by the same fields. */
const VERSION = 10;
/** Nobody tells more at once; a longer pack is no message of a device. */
const MOST = 4096;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

/**
 * A SenML pack in JSON, as devices in the field write it: an array, or its only record alone; numbers also as decimal texts; times in
 * s, or in ms from 1e11 on. `now` (ms UTC) is what relative times count from. Undefined for what is no pack. What is absent stays absent.
 */
export function decodeSenml(text: string, now: number): SenmlPack | undefined {
  const pack = packOf(text);
  if (pack === undefined || pack.length === 0 || pack.length > MOST) return undefined;
  const base: Base = { name: '', time: 0, unit: undefined, value: 0 };
  const records: SenmlRecord[] = [];
  const skipped: number[] = [];
  for (const [i, raw] of pack.entries()) {
    const fields = isRecord(raw) && isUnderstood(raw) ? raw : undefined;
    const record = fields !== undefined && takeBase(base, fields) ? recordOf(base, fields, now) : undefined;
    if (record === undefined) skipped.push(i);
    else if (record !== 'base') records.push(record);
  }
  return { records, skipped };
}

type Fields = Readonly<Record<string, unknown>>;

function packOf(text: string): readonly unknown[] | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    // told by the result: what a far side sends is no fault of this process
    return undefined;
  }
  return Array.isArray(raw) ? (raw as unknown[]) : isRecord(raw) ? [raw] : undefined;
}

const isRecord = (raw: unknown): raw is Fields => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

/** Fields that end with `_` must be understood, and a version beyond ours is not (RFC 8428 §4.4). */
function isUnderstood(raw: Fields): boolean {
  const { bver } = raw;
  return !Object.keys(raw).some((key) => key.endsWith('_')) && !(typeof bver === 'number' && bver > VERSION);
}

/** False where a base field is not of its type: nothing that builds on it could be believed. */
function takeBase(base: Base, { bn, bt, bu, bv }: Fields): boolean {
  if (bn !== undefined && typeof bn !== 'string') return false;
  if (bt !== undefined && !isNumber(bt)) return false;
  if (bu !== undefined && typeof bu !== 'string') return false;
  if (bv !== undefined && !isNumber(bv)) return false;
  base.name = bn ?? base.name;
  base.time = bt ?? base.time;
  base.unit = bu ?? base.unit;
  base.value = bv ?? base.value;
  return true;
}

function recordOf(base: Base, fields: Fields, now: number): SenmlRecord | 'base' | undefined {
  const { n = '', t = 0, u } = fields;
  if (typeof n !== 'string' || !isNumber(t)) return undefined;
  if (u !== undefined && typeof u !== 'string') return undefined;
  const value = valueOf(base, fields);
  // a record may hold nothing but what the others build on
  if (value === undefined) return Object.keys(fields).some((key) => /^b(n|t|u|v|ver)$/.test(key)) ? 'base' : undefined;
  const unit = u ?? base.unit;
  const at = senmlTime(base.time, t, now);
  return {
    ...{ name: base.name + n, value },
    ...(unit !== undefined && unit !== '' && { unit }),
    ...(at !== undefined && { t: at }),
  };
}

/** Undefined where the record has no field of a value at all. */
function valueOf(base: Base, { v, vs, vb }: Fields): SenmlRecord['value'] | undefined {
  if (typeof vb === 'boolean') return vb;
  if (typeof vs === 'string') return vs;
  const number = typeof v === 'string' && DECIMAL.test(v.trim()) ? Number(v) : v;
  if (isNumber(number)) {
    const sum = number + base.value;
    return Number.isFinite(sum) ? sum : null;
  }
  return v === undefined && vs === undefined && vb === undefined ? undefined : null;
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);
