import { familyAppliances } from './appliances.js';
import { DeviceMeter, type Device, type Load, type Moment, type PhasePower } from './load.js';

/** One appliance alone: W and var per phase of the second just passed, before the household's meter makes them whole. */
export interface Consumer extends PhasePower {
  readonly name: string;
}

/** Base load and appliances: everything that nobody steers. */
export class Household implements Device {
  readonly name = 'household';
  readonly meter = new DeviceMeter();
  private readonly loads: Load[];
  private consumers: Consumer[] | undefined;
  private moment: Readonly<Moment> | undefined;

  constructor(seed: number) {
    this.loads = familyAppliances(seed);
  }

  /** Plugs another load in; it counts from the next second on. */
  add(load: Load): void {
    this.loads.push(load);
    this.consumers?.push(consumerOf(load));
  }

  /** Its appliances one by one, kept up to date from now on: the same list at each call. */
  itemise(): readonly Consumer[] {
    if (this.consumers === undefined) {
      this.consumers = this.loads.map(consumerOf);
      // what an appliance takes is a function of the moment: asked again, it says the same
      if (this.moment !== undefined) this.step(this.moment);
    }
    return this.consumers;
  }

  step(moment: Readonly<Moment>): void {
    const { meter, loads, consumers } = this;
    const { watt } = meter;
    this.moment = moment;
    meter.clear();
    for (let i = 0; i < loads.length; i++) {
      const consumer = consumers?.[i];
      if (consumer === undefined) loads[i]!.add(moment, meter);
      else {
        consumer.watt.fill(0);
        consumer.reactive.fill(0);
        loads[i]!.add(moment, consumer);
        for (let phase = 0; phase < 3; phase++) {
          watt[phase]! += consumer.watt[phase]!;
          meter.reactive[phase]! += consumer.reactive[phase]!;
        }
      }
    }
    for (let phase = 0; phase < 3; phase++) watt[phase] = Math.round(watt[phase]!);
  }
}

function consumerOf({ name }: Load): Consumer {
  return { name, watt: new Float64Array(3), reactive: new Float64Array(3) };
}
