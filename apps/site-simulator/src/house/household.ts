import { familyAppliances } from './appliances.js';
import { DeviceMeter, type Device, type Load, type Moment } from './load.js';

/** Base load and appliances: everything that nobody steers. */
export class Household implements Device {
  readonly name = 'household';
  readonly meter = new DeviceMeter();
  private readonly loads: Load[];

  constructor(seed: number) {
    this.loads = familyAppliances(seed);
  }

  /** Plugs another load in; it counts from the next second on. */
  add(load: Load): void {
    this.loads.push(load);
  }

  step(moment: Readonly<Moment>): void {
    const { meter, loads } = this;
    const { watt } = meter;
    meter.clear();
    for (const load of loads) load.add(moment, meter);
    for (let phase = 0; phase < 3; phase++) watt[phase] = Math.round(watt[phase]!);
  }
}
