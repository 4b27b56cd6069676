import type { Alarms, Device } from '@smx-edge/extension-api';
import { ClockOffset, isOfObject } from '@smx-edge/extension-api/metering';
import type { Log, Zone } from '@smx-edge/model';
import type { Data } from '@smx-edge/protocols/cosem';
import { meterTime } from '../load-profile/meter-time.js';
import type { MeterObject } from '../objects/meter-object.js';
import { readOne, type Session } from '../objects/session.js';

export interface MeterClockOptions {
  readonly device: Device;
  readonly object: MeterObject;
  readonly zone: Zone;
  readonly alarms: Alarms;
  readonly maxAge: number;
  readonly log: Log;
  now(): number;
}

/** How far the meter's clock is from the box's: measured and told, never set. */
export class MeterClock {
  private readonly offset: ClockOffset;
  private isUnreadable = false;

  constructor(private readonly o: MeterClockOptions) {
    this.offset = new ClockOffset(o.device, o.alarms, { obis: o.object.obis, maxAge: o.maxAge });
  }

  /** How far it was behind the box's when it was last seen, also where it says itself that it is not valid, ms; else 0. */
  get behind(): number {
    return this.offset.behind;
  }

  /** Rejects where the association is over. */
  async read(session: Session): Promise<void> {
    const { zone, now } = this.o;
    const asked = now();
    const data = await this.data(session);
    if (data === undefined) return;
    const time = meterTime(data, zone);
    // the meter looked at its clock somewhere between question and answer
    const offset = time === undefined ? undefined : time.t - (asked + now()) / 2;
    if (offset === undefined || time?.status.invalid === true) this.offset.none('the meter has no valid time', offset);
    else this.offset.set(offset);
  }

  /** Undefined where the meter does not give it: what else it gives is read all the same. */
  private async data(session: Session): Promise<Data | undefined> {
    const { device, object, log } = this.o;
    try {
      const data = await readOne(session, { object, attribute: 2 });
      this.isUnreadable = false;
      return data;
    } catch (error) {
      if (!isOfObject(error)) throw error;
      this.offset.none(error.message);
      if (!this.isUnreadable)
        log.warn("the meter's clock cannot be read", { device: device.name, error: error.message });
      this.isUnreadable = true;
      return undefined;
    }
  }
}
