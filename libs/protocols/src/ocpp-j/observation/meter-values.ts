import type { Unit } from '@smx-edge/model';
import { integerAt, objectAt, objectsAt, textAt, timeAt, type JsonObject } from '../json.js';
import type { OcppVersion } from '../version.js';
import { DEFAULT_MEASURAND, LOCATIONS, MEASURANDS, pathOf, type Measurand } from './measurands.js';
import { scaleValue } from './scale.js';

/** One value of an outlet in the unit of its point. */
export interface Reading {
  /** Below the device: `power/active/l1`. */
  readonly path: string;
  readonly unit: Unit | null;
  /** Null where a value came that is none. Power and current are positive where the vehicle takes. */
  readonly value: number | null;
  readonly reason?: string;
  /** `uncertain` where the value stands on something that was not seen. */
  readonly quality?: 'uncertain';
}

/** One set of values that a station measured together. */
export interface ReadingSet {
  /** ms UTC by the station's clock; undefined where it gives none that can be read. */
  readonly t?: number;
  /** Why it was measured: `Sample.Periodic`, `Transaction.Begin` … (ReadingContext); that of the set's first value. */
  readonly context: string;
  readonly readings: readonly Reading[];
}

interface Candidate extends Reading {
  readonly rank: number;
  readonly measurand: Measurand;
}

/** No station sends more at once. */
const MOST_SETS = 500;
const MOST_VALUES = 200;
const LINES = ['l1', 'l2', 'l3'];

/**
 * The sets of a `meterValue` or `transactionData` (1.6 ed.2 chapter 7 MeterValue and SampledValue, 2.0.1 part 2 MeterValueType). Values that are no points, and
 * signed ones (format `SignedData`), are left out; what leaves the vehicle is taken off what it takes.
 */
export function readMeterValues(payload: JsonObject, key: string, version: OcppVersion): readonly ReadingSet[] {
  return objectsAt(payload, key)
    .slice(0, MOST_SETS)
    .map((set) => {
      const samples = objectsAt(set, 'sampledValue').slice(0, MOST_VALUES);
      const t = timeAt(set, 'timestamp');
      return {
        ...(t !== undefined && { t }),
        context: (samples[0] && textAt(samples[0], 'context')) ?? 'Sample.Periodic',
        readings: readingsOf(samples, version),
      };
    });
}

function readingsOf(samples: readonly JsonObject[], version: OcppVersion): readonly Reading[] {
  const best = new Map<string, Candidate>();
  for (const sample of samples) {
    const candidate = candidateOf(sample, version);
    if (candidate === undefined) continue;
    // what is taken and what is given stand side by side until they are netted
    const key = `${candidate.path} ${candidate.measurand.sign}`;
    const other = best.get(key);
    if (other === undefined || candidate.rank < other.rank) best.set(key, candidate);
  }
  const net = new Map<string, Candidate>();
  for (const candidate of best.values()) net.set(candidate.path, netted(net.get(candidate.path), candidate));
  for (const candidate of [...net.values()]) addSum(net, candidate.measurand);
  return [...net.values()].map(({ path, unit, value, reason }) => ({
    path,
    unit,
    value,
    ...(reason !== undefined && { reason }),
  }));
}

function candidateOf(sample: JsonObject, version: OcppVersion): Candidate | undefined {
  const name = textAt(sample, 'measurand') ?? DEFAULT_MEASURAND;
  const measurand = Object.hasOwn(MEASURANDS, name) ? MEASURANDS[name]! : undefined;
  const rank = LOCATIONS.indexOf(textAt(sample, 'location') ?? 'Outlet');
  if (measurand === undefined || rank < 0 || textAt(sample, 'format') === 'SignedData') return undefined;
  const path = pathOf(measurand, textAt(sample, 'phase'));
  if (path === undefined) return undefined;
  const value = scaleValue(sample['value'], measurand.unit, writtenOf(sample, version));
  const base = { path, unit: measurand.unit, rank, measurand };
  if (value === undefined) return { ...base, value: null, reason: 'what came is no number of its unit' };
  if (value < (measurand.min ?? -Infinity) || value > (measurand.max ?? Infinity))
    return { ...base, value: null, reason: 'what came is out of range' };
  return { ...base, value: value === 0 ? 0 : value * measurand.sign };
}

/** 1.6 has `unit`, 2.x `unitOfMeasure`; a station that mixes them up is understood. */
function writtenOf(sample: JsonObject, version: OcppVersion): { unit?: string; multiplier?: number } {
  const measure = objectAt(sample, 'unitOfMeasure');
  const unit = version === '1.6' ? (textAt(sample, 'unit') ?? textAt(measure, 'unit')) : (textAt(measure, 'unit') ?? textAt(sample, 'unit')); // prettier-ignore
  const multiplier = integerAt(measure, 'multiplier');
  return { ...(unit !== undefined && { unit }), ...(multiplier !== undefined && { multiplier }) };
}

/** What is taken and what is given at once: a null of either leaves nothing known. */
function netted(one: Candidate | undefined, other: Candidate): Candidate {
  if (one === undefined || one.value === null) return one ?? other;
  return { ...one, ...other, value: other.value === null ? null : exactSum([one.value, other.value]) };
}

/** The whole of three phases where it did not come itself; of one or two nothing is known of the third. */
function addSum(net: Map<string, Candidate>, measurand: Measurand): void {
  if (!measurand.isSummed || net.has(measurand.path)) return;
  const phases = LINES.map((line) => net.get(`${measurand.path}/${line}`)?.value ?? null);
  const values = phases.filter((value) => value !== null);
  if (values.length < LINES.length) return;
  net.set(measurand.path, { path: measurand.path, unit: measurand.unit, value: exactSum(values), rank: 0, measurand });
}

/** To the 15 digits that were given, without the drift of doubles. */
const exactSum = (values: readonly number[]): number => Number(values.reduce((sum, value) => sum + value, 0).toPrecision(15)); // prettier-ignore
