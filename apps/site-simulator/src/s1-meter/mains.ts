import { Spectrum } from './spectrum.js';

/** % of the fundamental by order. */
export type Distortion = Readonly<Record<number, number>>;

/** A street with many rectifiers in it: flat crests, well below the limits of EN 50160 (5, 6 and 5 % of orders 3, 5 and 7). */
const STREET: Distortion = { 3: 1.2, 5: 2.2, 7: 1.4, 9: 0.4, 11: 0.7, 13: 0.5, 17: 0.3, 19: 0.25, 23: 0.2, 25: 0.2 };
/** Degrees by which orders are ahead. */
const ANGLES: Readonly<Record<number, number>> = { 3: 20, 5: 10, 7: 170, 9: 0, 11: 30, 13: 200 };

const { hypot, PI } = Math;

export interface MainsOptions {
  /** In place of the street's. */
  readonly harmonics?: Distortion | undefined;
  /** Highest order. */
  readonly highest: number;
  /** Between phases there are no harmonics whose order is a multiple of three. */
  readonly isBetweenPhases: boolean;
}

/** Voltage of the mains with an RMS of 1 V. */
export function mainsShape({ harmonics = STREET, highest, isBetweenPhases }: MainsOptions): Spectrum {
  const shape = new Spectrum();
  const entries = Object.entries(harmonics)
    .map(([order, percent]): [number, number] => [Number(order), percent / 100])
    .filter(([order]) => order <= highest && !(isBetweenPhases && order % 3 === 0));
  const fundamental = 1 / hypot(1, ...entries.map(([, share]) => share));
  shape.add(1, fundamental, 0);
  for (const [order, share] of entries) shape.add(order, share * fundamental, ((ANGLES[order] ?? 0) * PI) / 180);
  return shape;
}

const THIRD = (2 * PI) / 3;

/** Voltages of the three branches, each against its own nominal angle: 0, -120 and 120 degrees. */
export function branchVoltages(shape: Spectrum, volt: readonly number[], isBetweenPhases: boolean): Spectrum[] {
  const branches = [0, 1, 2].map((branch) => {
    const spectrum = new Spectrum();
    for (let h = 0; h < shape.re.length; h++) {
      spectrum.re[h] = shape.re[h]! * volt[branch]!;
      spectrum.im[h] = shape.im[h]! * volt[branch]!;
    }
    return spectrum;
  });
  if (isBetweenPhases) closeTriangle(branches as [Spectrum, Spectrum, Spectrum]);
  return branches;
}

/** From phase 3 to phase 1 there is what the two other sides leave: the three add up to nothing. */
function closeTriangle([first, second, third]: [Spectrum, Spectrum, Spectrum]): void {
  for (let h = 1; h < third.re.length; h++) {
    let [re, im] = [0, 0];
    for (const [side, turn] of [
      [first, -h * THIRD],
      [second, -2 * h * THIRD],
    ] as const) {
      // prettier-ignore
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
      re -= side.re[h]! * cos - side.im[h]! * sin;
      im -= side.re[h]! * sin + side.im[h]! * cos;
    }
    third.re[h] = re;
    third.im[h] = im;
  }
}
