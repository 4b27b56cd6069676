import { describeError } from '@smx-edge/model';
import { Alarms } from '../../alarms.js';
import type { SmxContext } from '../../context.js';
import { ConnectionMeter, givenBy } from '../connection-meter.js';
import type { UnitDevices } from '../part-publisher.js';
import type { UnitReading } from '../sunspec-reader.js';
import { SunSpecControl, type SunSpecControlOptions } from './sunspec-control.js';

export interface SunSpecControlsOptions extends Pick<SunSpecControlOptions, 'settle' | 'clock' | 'writeInterval'> {
  readonly smx: SunSpecControlOptions['smx'] & Pick<SmxContext, 'subscribe' | 'points'>;
  /** ms until a device ends by itself what it was told; 0 = it is not asked to, undefined: by the heartbeat of the controller. */
  readonly revert: number | undefined;
  /** ms between readings. */
  readonly period: number;
  /** Path of the power at the connection, where that is of another instance; else the first meter of the source stands there. */
  readonly meter?: string | undefined;
}

/** A reading holds for so many periods, at least so many ms. */
const [PERIODS, LEAST_AGE] = [3, 10_000];
/** A point that is taken away tells nobody so: it is looked for this often, ms. */
const LOOK = 5000;

/** The set-points of all units of one source, on the devices that a `PartPublisher` makes of them. */
export class SunSpecControls {
  private readonly units = new Map<number, SunSpecControl>();
  /** What was told of a unit last: the same fault each second is one. */
  private readonly told = new Map<number, string>();
  private readonly connection = new ConnectionMeter();
  private readonly maxAge: number;
  /** W at the connection that another instance shows; null where it shows none. */
  private shown: number | null = null;
  private alarms: Promise<Alarms> | undefined;

  constructor(private readonly o: SunSpecControlsOptions) {
    this.maxAge = Math.max(LEAST_AGE, PERIODS * o.period);
    const { smx, meter } = o;
    if (meter === undefined) return;
    smx.subscribe(meter, (changes) => {
      const { value, quality } = changes.at(-1)!;
      this.show(typeof value === 'number' && (quality === 'good' || quality === 'uncertain') ? value : null);
    });
    smx.every(LOOK, async () => {
      if ((await smx.points(meter).catch(() => [])).length === 0) this.show(null);
    });
  }

  private show(watts: number | null): void {
    this.shown = watts;
    // its quality says when it holds no longer
    for (const control of this.units.values()) control.meter(watts, Infinity);
  }

  /** A reading of a unit, whose devices are there by now; the first declares the set-points. Never rejects. */
  async see(reading: UnitReading, devices: UnitDevices): Promise<void> {
    const { live, parts, models } = reading;
    const { unit } = live;
    try {
      const control = await this.controlOf(reading, devices);
      const inverter = parts.find(({ kind }) => kind === 'inverter');
      await control?.see(models, inverter && givenBy(inverter));
      this.meter(reading);
      this.told.delete(unit);
    } catch (error) {
      const text = describeError(error);
      if (this.told.get(unit) !== text) this.o.smx.log.warn('the unit cannot be controlled yet', { unit, error: text });
      this.told.set(unit, text);
    }
  }

  private meter({ live, parts }: UnitReading): void {
    const power = this.o.meter === undefined ? this.connection.power(live.unit, parts) : undefined;
    // a reading without a power is waited over
    if (typeof power !== 'number') return;
    for (const control of this.units.values()) control.meter(power, this.maxAge);
  }

  /** Undefined where the unit has nothing to be controlled. */
  private async controlOf(
    { live: { unit, sunspec } }: UnitReading,
    devices: UnitDevices,
  ): Promise<SunSpecControl | undefined> {
    const [battery, inverter] = [devices.get('battery'), devices.get('inverter')];
    if (battery === undefined && inverter === undefined) return this.units.get(unit);
    const { smx, revert, meter } = this.o;
    this.alarms ??= Alarms.load(smx.state, smx.log);
    const alarms = await this.alarms;
    const known = this.units.get(unit);
    if (known !== undefined) return known;
    const control = new SunSpecControl({
      ...this.o,
      ...{ unit: sunspec, key: String(unit), revert: revert === undefined ? undefined : Math.ceil(revert / 1000) },
      ...{ alarms, hasMeter: meter !== undefined, maxAge: this.maxAge },
      ...(battery && { battery }),
      ...(inverter && { inverter }),
    });
    control.meter(this.shown, Infinity);
    this.units.set(unit, control);
    return control;
  }
}
