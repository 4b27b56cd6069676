import type { Alarms, Device } from '@smx-edge/extension-api';
import type { Zone } from '@smx-edge/model';
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
  now(): number;
}

/** How far the meter's clock is from the box's: measured and told, never set. */
export class MeterClock {
  private isOff = false;

  constructor(private readonly o: MeterClockOptions) {
    o.device.point('clock/offset', { unit: 's', obis: o.object.obis, maxAge: o.maxAge });
  }

  async read(session: Session): Promise<void> {
    const { device, object, zone, alarms, now } = this.o;
    const asked = now();
    const data = await readOne(session, { object, attribute: 2 });
    const time = meterTime(data, zone);
    if (time === undefined || time.status.invalid) {
      device.set({ 'clock/offset': { value: null, reason: 'the meter has no valid time' } });
      return;
    }
    // the meter looked at its clock somewhere between question and answer
    const offset = time.t - (asked + now()) / 2;
    device.set({ 'clock/offset': Math.round(offset) / 1000 });
    this.isOff = Math.abs(offset) > (this.isOff ? OFF / 2 : OFF);
    const seconds = Math.round(offset / 1000);
    const text = `The meter's clock is ${seconds} s off the clock of the box`;
    alarms.set({ device }, 'clock-off', this.isOff ? { text, data: { offset: seconds } } : undefined);
  }
}
