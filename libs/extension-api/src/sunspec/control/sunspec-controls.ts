import { describeError } from '@smx-edge/model';
import type { UnitDevices } from '../part-publisher.js';
import type { UnitReading } from '../sunspec-reader.js';
import type { LiveUnit } from '../unit-search.js';
import { SunSpecControl, type SunSpecControlOptions } from './sunspec-control.js';

export interface SunSpecControlsOptions extends Pick<SunSpecControlOptions, 'smx' | 'settle' | 'clock'> {
  /** ms until a device ends by itself what it was told; 0 = it is not asked to. */
  readonly revert: number;
}

/** The set-points of all units of one source, on the devices that a `PartPublisher` makes of them. */
export class SunSpecControls {
  private readonly units = new Map<number, SunSpecControl>();
  /** What was told of a unit last: the same fault each second is one. */
  private readonly told = new Map<number, string>();

  constructor(private readonly o: SunSpecControlsOptions) {}

  /** A unit was read for the first time, and its devices are there. */
  add({ unit, sunspec }: LiveUnit, devices: UnitDevices): void {
    const [battery, inverter] = [devices.get('battery'), devices.get('inverter')];
    if (battery === undefined && inverter === undefined) return;
    const control = new SunSpecControl({
      ...this.o,
      ...{ unit: sunspec, key: String(unit), revert: Math.ceil(this.o.revert / 1000) },
      ...(battery && { battery }),
      ...(inverter && { inverter }),
    });
    this.units.set(unit, control);
  }

  /** A reading of a unit; never rejects. */
  async see({ live, models }: UnitReading): Promise<void> {
    const { unit } = live;
    try {
      await this.units.get(unit)?.see(models);
      this.told.delete(unit);
    } catch (error) {
      const text = describeError(error);
      if (this.told.get(unit) !== text) this.o.smx.log.warn('the unit cannot be controlled yet', { unit, error: text });
      this.told.set(unit, text);
    }
  }
}
