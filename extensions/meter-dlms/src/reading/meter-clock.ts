import type { Alarms, Device } from '@smx-edge/extension-api';
import { isSmxError, type Log, type Zone } from '@smx-edge/model';
import type { Data } from '@smx-edge/protocols/cosem';
import { meterTime } from '../load-profile/meter-time.js';
import type { MeterObject } from '../objects/meter-object.js';
import { readOne, type Session } from '../objects/session.js';

/** The clock is told to be off beyond this, and right again below half of it, ms. */
const OFF = 60_000;

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
  private isOff = false;
  private isUnreadable = false;
  private offset = 0;

  constructor(private readonly o: MeterClockOptions) {
    o.device.point('clock/offset', { unit: 's', obis: o.object.obis, maxAge: o.maxAge });
  }

  /** How far it was behind the box's when it was last seen, also where it says itself that it is not valid, ms; else 0. */
  get behind(): number {
    return Math.max(0, -this.offset);
  }

  /** Rejects where the association is over. */
  async read(session: Session): Promise<void> {
    const { device, zone, alarms, now } = this.o;
    const asked = now();
    const data = await this.data(session);
    if (data === undefined) return;
    const time = meterTime(data, zone);
    // the meter looked at its clock somewhere between question and answer
    const offset = time === undefined ? this.offset : time.t - (asked + now()) / 2;
    this.offset = offset;
    if (time === undefined || time.status.invalid) {
      device.set({ 'clock/offset': { value: null, reason: 'the meter has no valid time' } });
      return;
    }
    device.set({ 'clock/offset': Math.round(offset) / 1000 });
    this.isOff = Math.abs(offset) > (this.isOff ? OFF / 2 : OFF);
    const seconds = Math.round(offset / 1000);
    const text = `The meter's clock is ${seconds} s off the clock of the box`;
    alarms.set({ device }, 'clock-off', this.isOff ? { text, data: { offset: seconds } } : undefined);
  }

  /** Undefined where the meter does not give it: what else it gives is read all the same. */
  private async data(session: Session): Promise<Data | undefined> {
    const { device, object, log } = this.o;
    try {
      const data = await readOne(session, { object, attribute: 2 });
      this.isUnreadable = false;
      return data;
    } catch (error) {
      if (!isSmxError(error) || (error.code !== 'SMX_PROTOCOL_APDU' && error.code !== 'SMX_METER_OBJECT')) throw error;
      device.set({ 'clock/offset': { value: null, reason: error.message } });
      if (!this.isUnreadable)
        log.warn("the meter's clock cannot be read", { device: device.name, error: error.message });
      this.isUnreadable = true;
      return undefined;
    }
  }
}
