import { describeError } from '@smx-edge/model';
import type { UnitDevices } from '../part-publisher.js';
import type { UnitReading } from '../sunspec-reader.js';
import type { LiveUnit } from '../unit-search.js';
import { SunSpecControl, type SunSpecControlOptions } from './sunspec-control.js';

export interface SunSpecControlsOptions extends Pick<SunSpecControlOptions, 'smx' | 'settle' | 'clock'> {
  /** ms until a device ends by itself what it was told; 0 = it is not asked to, undefined: by the heartbeat of the controller. */
  readonly revert: number | undefined;
}

/** The set-points of all units of one source, on the devices that a `PartPublisher` makes of them. */
export class SunSpecControls {
  private readonly units = new Map<number, SunSpecControl>();
  /** What was told of a unit last: the same fault each second is one. */
  private readonly told = new Map<number, string>();

  constructor(private readonly o: SunSpecControlsOptions) {}

  /** A reading of a unit, whose devices are there by now; the first declares the set-points. Never rejects. */
  async see({ live, models }: UnitReading, devices: UnitDevices): Promise<void> {
    const { unit } = live;
    try {
      await this.controlOf(live, devices)?.see(models);
      this.told.delete(unit);
    } catch (error) {
      const text = describeError(error);
      if (this.told.get(unit) !== text) this.o.smx.log.warn('the unit cannot be controlled yet', { unit, error: text });
      this.told.set(unit, text);
    }
  }

  /** Undefined where the unit has nothing to be controlled. */
  private controlOf({ unit, sunspec }: LiveUnit, devices: UnitDevices): SunSpecControl | undefined {
    const known = this.units.get(unit);
    if (known !== undefined) return known;
    const [battery, inverter] = [devices.get('battery'), devices.get('inverter')];
    if (battery === undefined && inverter === undefined) return undefined;
    const { revert } = this.o;
    const control = new SunSpecControl({
      ...this.o,
      ...{ unit: sunspec, key: String(unit), revert: revert === undefined ? undefined : Math.ceil(revert / 1000) },
      ...(battery && { battery }),
      ...(inverter && { inverter }),
    });
    this.units.set(unit, control);
    return control;
  }
}
