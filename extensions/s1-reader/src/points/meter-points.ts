import type { Device, SampleInit, SampleValue } from '@smx-edge/extension-api';
import type { IntervalValues, Values } from '@smx-edge/protocols/power-quality';
import type { Channels } from '../samples/wiring.js';
import {
  longQuantities,
  mediumQuantities,
  rounded,
  secondQuantities,
  shortQuantities,
  type Quantity,
} from './quantity.js';
import type { SecondMeans } from './second.js';

type Batch = Record<string, number | SampleValue>;

/** Share of lost samples above which a value is not sure (IEC 61000-4-30 class S measures without gaps). */
const LOST = 0.01;
/** Share of an interval that must have been measured. */
const COVERED = 0.8;
/** Three intervals of each kind, so that one that is late is not stale. */
const MAX_AGE = { '150-cycle': '15s', '10-min': '30m', '2-hour': '6h' } as const;
const KINDS = ['10-min', '2-hour', '150-cycle'] as const;

/** The points of a meter that is wired so. */
export class MeterPoints {
  readonly seconds: readonly Quantity<Values>[];
  private readonly intervals: Readonly<Record<IntervalValues['kind'], readonly Quantity<IntervalValues>[]>>;
  /** What powers are told for: all, and phases that have one. */
  private readonly powers: readonly string[];

  constructor(
    private readonly device: Device,
    private readonly channels: Channels,
  ) {
    this.seconds = secondQuantities(channels);
    this.intervals = {
      '150-cycle': shortQuantities(channels),
      '10-min': mediumQuantities(channels),
      '2-hour': longQuantities(channels),
    };
    this.powers = ['', ...(channels.wiring === '3-wire' ? [] : channels.currents.map((name) => `/${name}`))];
    for (const { path, unit, obis } of this.seconds) device.point(path, { unit, ...(obis !== undefined && { obis }) });
    for (const end of this.powers) {
      device.point(`power/active/import${end}`, { unit: 'W' });
      device.point(`power/active/export${end}`, { unit: 'W' });
      device.point(`power/factor${end}`, { unit: '1' });
    }
    device.point('frequency', { unit: 'Hz', obis: '1-0:14.7.0' });
    device.point('pq/lost', { unit: '%' });
    for (const kind of KINDS)
      for (const { path, unit } of this.intervals[kind]) device.point(path, { unit, maxAge: MAX_AGE[kind] });
    for (const name of channels.voltages) {
      device.point(`pq/harmonics/voltage/${name}`, { unit: '%', type: 'numbers', maxAge: MAX_AGE['150-cycle'] });
      device.point(`pq/interharmonics/voltage/${name}`, { unit: '%', type: 'numbers', maxAge: MAX_AGE['150-cycle'] });
    }
    for (const name of channels.currents)
      device.point(`pq/harmonics/current/${name}`, { unit: 'A', type: 'numbers', maxAge: MAX_AGE['150-cycle'] });
  }

  /** `frequency` is the meter's own, Hz; `unsure` says why the sign of powers is not known, where it is not. */
  second({ means, lost, isSynced }: SecondMeans, frequency: number | null, unsure?: string): void {
    const batch: Batch = { frequency: rounded(frequency ?? NaN, 3), 'pq/lost': rounded(lost * 100, 2) };
    for (const [path, value] of means) batch[path] = value;
    for (const end of this.powers) {
      const active = means.get(`power/active${end}`)!;
      batch[`power/active/import${end}`] = Math.max(0, active);
      batch[`power/active/export${end}`] = Math.max(0, -active);
      batch[`power/factor${end}`] = rounded(active / means.get(`power/apparent${end}`)!, 3);
    }
    if (unsure !== undefined)
      for (const [path, value] of Object.entries(batch))
        if (isSigned(path)) batch[path] = { value: value as number, quality: 'uncertain', reason: unsure };
    this.device.set(batch, doubt(lost > LOST ? lost : 0, isSynced));
  }

  interval(values: IntervalValues): void {
    const batch: Batch = {};
    for (const { path, digits, of } of this.intervals[values.kind]) batch[path] = rounded(of(values), digits);
    const sample =
      values.covered < COVERED
        ? unsureOf(`only ${Math.round(values.covered * 100)} % of the interval was measured`)
        : values.isFlagged && values.kind !== '150-cycle'
          ? unsureOf('an event lies within it (IEC 61000-4-30 §4.7)')
          : doubt(values.lost > LOST ? values.lost : 0, values.isSynced);
    this.device.set(batch, sample);
    if (values.kind === '150-cycle') this.harmonics(values, sample);
  }

  /**
   * Orders 1 … the highest one that the sample rate carries: voltages in % of the fundamental, currents in A; of voltages also what lies
   * below order 1, between 1 and 2, and so on.
   */
  private harmonics(values: IntervalValues, sample: SampleInit): void {
    const { voltageHarmonics, voltageInterharmonics, currentHarmonics, orders } = values;
    if (orders === 0) return;
    const batch: Record<string, number[]> = {};
    for (const [k, name] of this.channels.voltages.entries()) {
      const [row, between] = [voltageHarmonics[k]!, voltageInterharmonics[k]!];
      const shareOf = (value: number): number => rounded((value / row[1]!) * 100, 2);
      const shares = Array.from(row.subarray(1, orders + 1), shareOf);
      if (!shares.every(Number.isFinite)) continue;
      batch[`pq/harmonics/voltage/${name}`] = shares;
      batch[`pq/interharmonics/voltage/${name}`] = Array.from(between.subarray(0, orders), shareOf);
    }
    for (const [k, name] of this.channels.currents.entries()) {
      const amperes = Array.from(currentHarmonics[k]!.subarray(1, orders + 1), (value) => rounded(value, 3));
      if (amperes.every(Number.isFinite)) batch[`pq/harmonics/current/${name}`] = amperes;
    }
    this.device.set(batch, sample);
  }
}

function isSigned(path: string): boolean {
  return /^power\/(active|reactive|factor)/.test(path);
}

function doubt(lost: number, isSynced: boolean): SampleInit {
  if (lost > 0) return unsureOf(`${(lost * 100).toFixed(1)} % of the samples were lost`);
  return isSynced ? {} : unsureOf('cycles of the mains could not be followed throughout');
}

function unsureOf(reason: string): SampleInit {
  return { quality: 'uncertain', reason };
}
