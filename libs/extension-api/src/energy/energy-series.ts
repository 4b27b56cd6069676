import {
  describeError,
  durationMs,
  EARLIEST_CLOCK,
  SmxError,
  systemClock,
  type Clock,
  type Disposable,
  type Log,
} from '@smx-edge/model';
import type { InstanceState } from '../context.js';
import type { Device } from '../device.js';
import type { Duration } from '../point.js';
import { coverage, EnergyIntegral, wattHours, type IntegralState } from './energy-integral.js';

/** Where the energy of a series comes from; decided once, so that one series never holds both. */
export type EnergyMethod = 'counter' | 'integral';

export interface EnergySeriesInit {
  /** Path of the energy of power above 0, below the device: `energy/active/import`, `energy/charged`. */
  readonly positive?: string;
  /** Path of the energy of power below 0: `energy/active/export`, `energy/discharged`, `energy/produced`. */
  readonly negative?: string;
  /** Where `coverage` (%) and `method` stand; default what the paths have in common, as `energy/active`. */
  readonly beside?: string;
  /** Usual time between samples. */
  readonly period: Duration;
  /** Longest time between samples that is bridged; default three periods. */
  readonly gap?: Duration;
  /** How often an integral is kept and shown, each an fsync; default 1m. */
  readonly keep?: Duration;
  /** How long counters are waited for before an integral is shown, which counts from the first sample on; default 5m. */
  readonly settle?: Duration;
  readonly clock?: Clock;
}

/** What a series needs of the box; an `SmxContext` has it. */
export interface EnergyBox {
  readonly state: InstanceState;
  readonly log: Log;
  every(interval: Duration, fn: () => Promise<void>): Disposable;
  onStop(fn: () => Promise<void>): void;
}

interface Kept {
  readonly version: 1;
  readonly method?: EnergyMethod;
  readonly integral?: IntegralState;
}

const ms = (duration: Duration): number => (typeof duration === 'number' ? duration : durationMs(duration));

/**
 * Energy of a device as two points, with `coverage` and `method` beside them: its own counters, or where it has none the
 * integral of its power. An integral is shown only once it is kept together with its last sample, so that no restart makes it
 * fall or count twice; its quality is `substituted`.
 */
export class EnergySeries {
  private readonly integral: EnergyIntegral;
  private readonly clock: Clock;
  private readonly gap: number;
  private readonly beside: string;
  private readonly settled: number;
  private method: EnergyMethod | undefined;
  /** Of the last sample of this run, on the monotonic clock. */
  private last: number | undefined;
  private keeping: Promise<void> = Promise.resolve();
  private isFailing = false;
  private isDeaf = false;

  private constructor(
    private readonly o: { readonly box: EnergyBox; readonly device: Device; readonly key: string } & EnergySeriesInit,
    kept: Kept | undefined,
  ) {
    this.clock = o.clock ?? systemClock;
    this.gap = ms(o.gap ?? 3 * ms(o.period));
    this.beside = o.beside ?? commonPath(o.positive, o.negative);
    this.settled = this.clock.monotonic() + ms(o.settle ?? '5m');
    this.method = kept?.method;
    this.integral = new EnergyIntegral(this.gap, kept?.integral);
  }

  /** Declares the points and goes on where the last run left off. Throws SMX_POINT_DEFINITION where no path is given. */
  static async open(box: EnergyBox, device: Device, init: EnergySeriesInit): Promise<EnergySeries> {
    const { positive, negative, keep = '1m' } = init;
    const key = keyOf(device, init);
    const kept = await box.state.get<Kept>(key);
    const series = new EnergySeries({ box, device, key, ...init }, kept?.version === 1 ? kept : undefined);
    const maxAge = Math.max(3 * ms(keep), 3 * ms(init.period));
    for (const path of [positive, negative]) if (path !== undefined) device.point(path, { unit: 'Wh', maxAge });
    device.point(`${series.beside}/coverage`, { unit: '%', maxAge });
    device.point(`${series.beside}/method`, { type: 'string', maxAge: 0 });
    if (series.method === 'integral') series.show(series.integral.state());
    box.every(keep, () => series.keep());
    box.onStop(() => series.keep());
    return series;
  }

  /** Where the energy of an earlier run came from; undefined where that was not decided. Throws as `open`. */
  static async methodOf(
    { state }: Pick<EnergyBox, 'state'>,
    device: Pick<Device, 'name'>,
    paths: Pick<EnergySeriesInit, 'positive' | 'negative'>,
  ): Promise<EnergyMethod | undefined> {
    return (await state.get<Kept>(keyOf(device, paths)))?.method;
  }

  /** A sample of power, W, at the moment it was received; null = the device had none, which is a gap and not 0. */
  take(power: number | null): void {
    if (power === null || !Number.isFinite(power) || this.method === 'counter') return;
    const now = this.clock.monotonic();
    const at = this.clock.now();
    this.integral.take(power, this.last === undefined ? this.sinceLastRun(at) : now - this.last, at);
    this.last = now;
  }

  /**
   * Counters of the device, Wh; null or left out = not there now. They win for good where they come before an integral was
   * shown. Behind one they are not taken, since a series holds one or the other: false then.
   */
  counters(values: { readonly positive?: number | null; readonly negative?: number | null }): boolean {
    const { positive, negative, device } = this.o;
    const given = Object.entries({ positive, negative }).flatMap(([name, path]) => {
      const value = values[name as keyof typeof values] ?? null;
      return path === undefined || value === null ? [] : [[path, value] as const];
    });
    if (given.length === 0) return this.method !== 'integral';
    if (this.method === 'integral') {
      if (!this.isDeaf)
        this.o.box.log.warn('counters are not taken: the series is an integral', { series: this.o.key });
      this.isDeaf = true;
      return false;
    }
    if (this.method === undefined) {
      this.method = 'counter';
      void this.keep();
    }
    device.set({
      ...Object.fromEntries(given),
      [`${this.beside}/coverage`]: 100,
      [`${this.beside}/method`]: 'counter',
    });
    return true;
  }

  /** Keeps the integral with its last sample in one write, then shows it. What could not be kept is not shown. */
  keep(): Promise<void> {
    this.keeping = this.keeping.then(() => this.write());
    return this.keeping;
  }

  private async write(): Promise<void> {
    const { box, key } = this.o;
    const integral = this.method === 'counter' ? undefined : this.integral.state();
    const isDue = this.clock.monotonic() >= this.settled;
    const method = this.method ?? (isDue && integral !== undefined ? 'integral' : undefined);
    if (method === undefined && integral === undefined) return;
    try {
      await box.state.set(key, { version: 1, ...(method && { method }), ...(integral && { integral }) } satisfies Kept);
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) box.log.warn('energy could not be kept', { series: key, error: describeError(error) });
      this.isFailing = true;
      return;
    }
    // a counter may have come meanwhile
    this.method ??= method;
    if (this.method === 'integral') this.show(integral);
  }

  private show(integral: IntegralState | undefined): void {
    if (integral === undefined) return;
    const { positive, negative, device } = this.o;
    const values = {
      ...(positive !== undefined && { [positive]: wattHours(integral.positive) }),
      ...(negative !== undefined && { [negative]: wattHours(integral.negative) }),
    };
    device.set(values, { quality: 'substituted', reason: 'integral of power' });
    const since = this.last === undefined ? 0 : this.clock.monotonic() - this.last;
    device.set({
      [`${this.beside}/coverage`]: coverage(integral, since > this.gap ? since : 0),
      [`${this.beside}/method`]: 'integral',
    });
  }

  /** ms from the last sample of an earlier run; NaN where one of the clocks was never set, or was set back. */
  private sinceLastRun(now: number): number {
    const at = this.integral.state()?.at ?? 0;
    return at < EARLIEST_CLOCK || now <= at ? NaN : now - at;
  }
}

function keyOf(
  { name }: Pick<Device, 'name'>,
  { positive, negative }: Pick<EnergySeriesInit, 'positive' | 'negative'>,
): string {
  const first = positive ?? negative;
  if (first === undefined) throw new SmxError('SMX_POINT_DEFINITION', 'an energy series needs the path of an energy');
  return `energy ${name}/${first}`;
}

/** The segments both paths begin with, without the last of either: `energy/active` of import and export. */
function commonPath(a: string | undefined, b: string | undefined): string {
  const [first, second] = [(a ?? b)!.split('/'), (b ?? a)!.split('/')];
  const parents = first.slice(0, -1);
  const differs = parents.findIndex((segment, i) => segment !== second[i]);
  return (differs < 0 ? parents : parents.slice(0, differs)).join('/') || first[0]!;
}
