import { describeError, durationMs } from '@smx-edge/model';
import type { Device } from '../device.js';
import { EnergySeries, type EnergyBox, type EnergySeriesInit } from '../energy/energy-series.js';
import type { Duration, SampleValue } from '../point.js';
import type { SunSpecPoint } from './part-points.js';
import type { PartKind } from './part-counters.js';
import type { SunSpecPart } from './parts.js';

/** What is integrated where a device counts nothing itself. */
interface Integrated extends Omit<EnergySeriesInit, 'period'> {
  readonly power: string;
}

const INTEGRATED: Partial<Record<PartKind, Integrated>> = {
  meter: { power: 'power/active', positive: 'energy/active/import', negative: 'energy/active/export' },
  battery: { power: 'power', positive: 'energy/charged', negative: 'energy/discharged', beside: 'energy' },
  pv: { power: 'power', negative: 'energy/produced', beside: 'energy' },
};
/** How long counters that have a register are waited for before an integral is shown: over a night; those that have none, not long. */
const [SETTLE_OF_REGISTER, SETTLE] = ['36h', '1m'];
/** Power that was not read for this long or three readings is not bridged, ms: a slow line skips some. */
const LEAST_GAP = 30_000;

const REASONS: Readonly<Record<string, string>> = {
  'not-implemented': 'the device gives no value',
  'not-accumulated': 'the device has not counted',
  scale: 'the scale factor of the device cannot be',
  hole: 'the device does not let this be read',
};
const GONE = 'the device shows this no longer';

/** One device of a SunSpec source with its points, declared once they have a value; what never had one is not there. */
export class PublishedDevice {
  private readonly declared = new Set<string>();
  private series: EnergySeries | undefined;
  private isOnline: boolean | undefined;
  private isReady = false;
  /** As it was asked for: the box may give another. */
  readonly name: string;
  /** Of the device that was read last, also in an earlier run. */
  serial: string | undefined;
  private isIdentified = false;

  constructor(
    readonly device: Device,
    private readonly kind: PartKind,
    private readonly o: { readonly box: EnergyBox; readonly period: Duration; readonly serial: string | undefined },
  ) {
    this.name = device.name;
    this.serial = o.serial;
  }

  /** To be called with the first reading: decides where energies come from, and then takes it. */
  async begin(part: SunSpecPart): Promise<void> {
    await this.chooseEnergy(part.points);
    this.isReady = true;
    this.take(part);
  }

  /** Passes over what comes before the first reading was taken. */
  take(part: SunSpecPart): void {
    if (!this.isReady) return;
    const { points } = part;
    const values: Record<string, SampleValue> = {};
    for (const point of points) {
      if (this.series !== undefined && this.isIntegrated(point.path)) continue;
      if (this.isDeclared(point)) values[point.path] = sampleOf(point);
    }
    for (const path of this.declared) values[path] ??= { value: null, reason: GONE };
    this.identify(part);
    if (this.isOnline !== true) this.device.online(true);
    this.isOnline = true;
    this.device.set(values);
    this.feed(points);
  }

  /** Gives nothing any more; its values turn stale by themselves. */
  away(reason: string): void {
    if (this.isOnline !== false) this.device.online(false, reason);
    this.isOnline = false;
  }

  private async chooseEnergy(points: readonly SunSpecPoint[]): Promise<void> {
    const integrated = INTEGRATED[this.kind];
    if (integrated === undefined) return;
    const { power, ...paths } = integrated;
    const energies = points.filter(({ path }) => path === paths.positive || path === paths.negative);
    const { period } = this.o;
    const periodMs = typeof period === 'number' ? period : durationMs(period);
    const init = {
      ...{ ...paths, period, gap: Math.max(LEAST_GAP, 3 * periodMs) },
      settle: energies.length > 0 ? SETTLE_OF_REGISTER : SETTLE,
    };
    try {
      const isCounted = energies.some(({ value }) => value !== null);
      if (isCounted && (await EnergySeries.methodOf(this.o.box, this.device, init)) !== 'integral') return;
      if (!points.some(({ path }) => path === power)) return;
      this.series = await EnergySeries.open(this.o.box, this.device, init);
    } catch (error) {
      this.o.box.log.warn('energy cannot be integrated', { device: this.device.name, error: describeError(error) });
    }
  }

  /** Who it is; trackers and a battery have the names of their inverter, but no serial number of their own. */
  private identify({ manufacturer, model, serial }: SunSpecPart): void {
    if (serial === undefined || (this.isIdentified && serial === this.serial)) return;
    const isOwn = this.kind !== 'pv' && this.kind !== 'battery';
    if (this.serial !== undefined && serial !== this.serial) {
      this.device.update({ serial, ...(manufacturer && { manufacturer }), ...(model && { model }) });
      if (isOwn) this.replaced(this.serial, serial);
    }
    [this.serial, this.isIdentified] = [serial, true];
    if (!isOwn) return;
    this.device.point('serial', { type: 'string', maxAge: 0 });
    this.device.set({ serial });
  }

  private replaced(before: string, now: string): void {
    const text = `serial number ${now} stands where ${before} did; counters go on from what they were`;
    this.device
      .event('device-replaced', { severity: 'warning', text, data: { before, now } })
      .catch((error: unknown) => {
        this.o.box.log.warn('event could not be told', { device: this.device.name, error: describeError(error) });
      });
  }

  private isDeclared({ path, unit, value }: SunSpecPoint): boolean {
    if (this.declared.has(path)) return true;
    if (value === null) return false;
    this.device.point(path, { unit, type: typeof value === 'string' ? 'string' : 'number' });
    this.declared.add(path);
    return true;
  }

  private isIntegrated(path: string): boolean {
    const { positive, negative } = INTEGRATED[this.kind] ?? {};
    return path === positive || path === negative;
  }

  private feed(points: readonly SunSpecPoint[]): void {
    const { series } = this;
    const integrated = INTEGRATED[this.kind];
    if (series === undefined || integrated === undefined) return;
    const at = (path: string | undefined): number | null => {
      const value = points.find((point) => point.path === path)?.value;
      return typeof value === 'number' ? value : null;
    };
    series.take(at(integrated.power));
    series.counters({ positive: at(integrated.positive), negative: at(integrated.negative) });
  }
}

function sampleOf({ value, quality, reason }: SunSpecPoint): SampleValue {
  if (quality === 'good') return { value };
  const told = reason === undefined ? undefined : (REASONS[reason] ?? reason);
  return { value, quality, ...(told === undefined ? {} : { reason: told }) };
}
