import type { Unit } from '@smx-edge/model';
import { integerAt, isObject, objectsAt, textAt, timeAt, type JsonObject } from '../json.js';
import type { OcppVersion } from '../version.js';
import { DEFAULT_MEASURAND, LOCATIONS, MEASURED, type Measurand } from './measurands.js';
import { scaleValue, type Written } from './scale.js';

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

interface Candidate {
  readonly path: string;
  readonly value: number | null;
  readonly reason: string | undefined;
  readonly rank: number;
  readonly measurand: Measurand;
}

/** No station sends more at once. */
const MOST_SETS = 500;
const MOST_VALUES = 200;
const LINES = ['l1', 'l2', 'l3'];

/**
 * The sets of a `meterValue` or `transactionData` (1.6 ed.2 chapter 7 MeterValue and SampledValue, 2.0.1 part 2 MeterValueType).
 * Values that are no points, and signed ones (format `SignedData`), are left out; what leaves the vehicle is taken off what it takes.
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
  const [taken, given] = [new Map<string, Candidate>(), new Map<string, Candidate>()];
  for (const sample of samples) {
    const candidate = candidateOf(sample, version);
    if (candidate === undefined) continue;
    const side = candidate.measurand.sign === 1 ? taken : given;
    const other = side.get(candidate.path);
    if (other === undefined || candidate.rank < other.rank) side.set(candidate.path, candidate);
  }
  for (const candidate of given.values()) taken.set(candidate.path, netted(taken.get(candidate.path), candidate));
  for (const { measurand } of [...taken.values()]) addSum(taken, measurand);
  return Array.from(taken.values(), readingOf);
}

const readingOf = ({ path, value, reason, measurand: { unit } }: Candidate): Reading =>
  reason === undefined ? { path, unit, value } : { path, unit, value, reason };

function candidateOf(sample: JsonObject, version: OcppVersion): Candidate | undefined {
  const measured = MEASURED.get(textAt(sample, 'measurand') ?? DEFAULT_MEASURAND);
  const path = measured?.paths.get(textAt(sample, 'phase') ?? '');
  const rank = LOCATIONS.indexOf(textAt(sample, 'location') ?? 'Outlet');
  if (measured === undefined || path === undefined || rank < 0 || sample['format'] === 'SignedData') return undefined;
  const { measurand } = measured;
  const read = scaleValue(sample['value'], measurand.unit, writtenOf(sample, version));
  const reason = reasonAgainst(read, measurand);
  const value = read === undefined || reason !== undefined ? null : read === 0 ? 0 : read * measurand.sign;
  return { path, value, reason, rank, measurand };
}

function reasonAgainst(read: number | undefined, { min = -Infinity, max = Infinity }: Measurand): string | undefined {
  if (read === undefined) return 'what came is no number of its unit';
  return read < min || read > max ? 'what came is out of range' : undefined;
}

/** 1.6 has `unit`, 2.x `unitOfMeasure`; a station that mixes them up is understood. */
function writtenOf(sample: JsonObject, version: OcppVersion): Written {
  const plain = textAt(sample, 'unit');
  const { unitOfMeasure: measure } = sample;
  if (!isObject(measure)) return { unit: plain, multiplier: 0 };
  const unit = textAt(measure, 'unit');
  return { unit: version === '1.6' ? (plain ?? unit) : (unit ?? plain), multiplier: integerAt(measure, 'multiplier') ?? 0 }; // prettier-ignore
}

/** What is taken and what is given at once: a null of either leaves nothing known. */
function netted(one: Candidate | undefined, other: Candidate): Candidate {
  if (one === undefined || one.value === null) return one ?? other;
  return { ...other, value: other.value === null ? null : exactSum([one.value, other.value]) };
}

/** The whole of three phases where it did not come itself; of one or two nothing is known of the third. */
function addSum(taken: Map<string, Candidate>, measurand: Measurand): void {
  const { path, isSummed } = measurand;
  if (!isSummed || taken.has(path)) return;
  const phases = LINES.map((line) => taken.get(`${path}/${line}`)?.value ?? null);
  const values = phases.filter((value) => value !== null);
  if (values.length < LINES.length) return;
  taken.set(path, { path, value: exactSum(values), reason: undefined, rank: 0, measurand });
}

/** To the 15 digits that were given, without the drift of doubles. */
const exactSum = (values: readonly number[]): number => Number(values.reduce((sum, value) => sum + value, 0).toPrecision(15)); // prettier-ignore
