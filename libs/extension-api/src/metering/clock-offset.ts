import type { Alarms } from '../alarms.js';
import type { Device } from '../device.js';

/** The clock is told to be off beyond this, and right again below half of it, ms. */
const OFF = 60_000;

/** How far the meter's clock is from the box's, as the point `clock/offset` and an alarm: told, never set. */
export class ClockOffset {
  private isOff = false;
  private offset = 0;

  constructor(
    private readonly device: Device,
    private readonly alarms: Alarms,
    { obis, maxAge }: { readonly obis: string; readonly maxAge: number },
  ) {
    device.point('clock/offset', { unit: 's', obis, maxAge });
  }

  /** How far it was behind the box's when it was last seen, ms; else 0. */
  get behind(): number {
    return Math.max(0, -this.offset);
  }

  /** `offset`: meter minus box, ms. */
  set(offset: number): void {
    const { device, alarms } = this;
    this.offset = offset;
    device.set({ 'clock/offset': Math.round(offset) / 1000 });
    this.isOff = Math.abs(offset) > (this.isOff ? OFF / 2 : OFF);
    const seconds = Math.round(offset / 1000);
    const text = `The meter's clock is ${seconds} s off the clock of the box`;
    alarms.set({ device }, 'clock-off', this.isOff ? { text, data: { offset: seconds } } : undefined);
  }

  /** The meter shows no valid time; `offset` where its clock runs all the same. */
  none(reason: string, offset = this.offset): void {
    this.offset = offset;
    this.device.set({ 'clock/offset': { value: null, reason } });
  }
}
