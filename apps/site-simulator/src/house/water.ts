import type { Moment } from './load.js';
import { Noise } from './noise.js';
import { daysInstalled, VolumeMeter } from './sub-meter.js';

const { floor } = Math;

/** Litres a second. */
const SHOWER = 0.14;
const TAP = 0.1;
/** s of a shower. */
const LENGTH = 480;
/** ms in which somebody opens a tap or flushes, or not. */
const SLOT = 600_000;

/** When somebody showers: once in the morning and once in the evening. */
export class Showers {
  private readonly noise: Noise;
  private day = NaN;
  private morning = 0;
  private evening = 0;

  constructor(seed: number) {
    this.noise = new Noise(seed, 'showers');
  }

  plan(day: number): void {
    if (day === this.day) return;
    this.day = day;
    this.morning = floor(this.noise.between(2 * day, 6.4, 7.6) * 3600);
    this.evening = floor(this.noise.between(2 * day + 1, 20, 22) * 3600);
  }

  running(second: number): boolean {
    const morning = second - this.morning;
    const evening = second - this.evening;
    return (morning >= 0 && morning < LENGTH) || (evening >= 0 && evening < LENGTH);
  }
}

/** Water meter: showers, taps and flushes of a family that is awake from 6 to 23 h. */
export class WaterMeter extends VolumeMeter {
  private readonly noise: Noise;
  private slot = NaN;
  /** s into the slot until which the tap runs. */
  private open = 0;

  constructor(o: { readonly seed: number; readonly t: number }) {
    const noise = new Noise(o.seed, 'water');
    super(floor(noise.between(-1, 1e5, 4e5)) + 900 * daysInstalled(o.t), o.t);
    this.noise = noise;
  }

  /** One second, after it has passed. */
  tick({ t, second }: Readonly<Moment>, showers: Showers): void {
    const slot = floor(t / SLOT);
    if (slot !== this.slot) {
      this.slot = slot;
      const awake = second >= 21_600 && second < 82_800;
      this.open = this.noise.at(slot) < (awake ? 0.3 : 0.01) ? this.noise.between(slot + 1e8, 20, 90) : 0;
    }
    const tap = (t - slot * SLOT) / 1000 < this.open ? TAP : 0;
    this.flow(tap + (showers.running(second) ? SHOWER : 0), t + 1000);
  }
}
