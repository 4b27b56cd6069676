import type { House } from '../house/index.js';

/** What one appliance or device takes, W and var per phase; negative = gives. */
export interface Taken {
  readonly name: string;
  readonly watt: readonly number[];
  readonly reactive: readonly number[];
}

/** The house in one second, as its meters tell it at `t`. */
export interface HouseSecond {
  /** ms UTC at which the wave begins to be so. */
  readonly t: number;
  /** Hz. */
  readonly frequency: number;
  /** V, W and var per phase. */
  readonly voltage: readonly number[];
  readonly watt: readonly number[];
  readonly reactive: readonly number[];
  /** Appliances of the household and all other devices. What they take together is the house but for rounding to whole W. */
  readonly taken: readonly Taken[];
}

/** The second just passed. */
export function secondOf(house: House): HouseSecond {
  const { t, grid, phases, reactive, household, devices } = house;
  const others = devices.filter((device) => device !== household).map(({ name, meter }) => takenOf(name, meter));
  return {
    t,
    frequency: grid.frequency,
    voltage: [...grid.voltage],
    watt: [...phases],
    reactive: [...reactive],
    taken: [...household.itemise().map((consumer) => takenOf(consumer.name, consumer)), ...others],
  };
}

/** The same house on one phase. */
export function onOnePhase(second: HouseSecond): HouseSecond {
  return {
    ...second,
    watt: summed(second.watt),
    reactive: summed(second.reactive),
    taken: second.taken.map(({ name, watt, reactive }) => ({ name, watt: summed(watt), reactive: summed(reactive) })),
  };
}

function takenOf(name: string, { watt, reactive }: { watt: Float64Array; reactive: Float64Array }): Taken {
  return { name, watt: [...watt], reactive: [...reactive] };
}

const summed = (phases: readonly number[]): number[] => [phases.reduce((sum, each) => sum + each, 0), 0, 0];
