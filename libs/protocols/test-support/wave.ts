// a name of this module is found much faster than a global one in a test
const { sin, cos, sqrt, PI, SQRT2 } = Math;

/** Harmonics of one channel: RMS and phase, in radians, of its fundamental and of other orders (also between whole ones). */
export interface Channel {
  readonly rms: number;
  readonly phase: number;
  readonly harmonics?: readonly (readonly [order: number, share: number, phase?: number])[];
  readonly dc?: number;
}

/** A wave whose truth is known. */
export interface Wave {
  readonly rate: number;
  /** Hz at a time in s. */
  readonly frequency: (t: number) => number;
  readonly voltage: readonly Channel[];
  readonly current: readonly Channel[];
  /** Factor of a voltage at a time. */
  readonly envelope?: (t: number, phase: number) => number;
}

/** Samples of a wave, block by block; what is allocated is allocated once. */
export class WaveSource {
  readonly block: {
    voltage: Float64Array[];
    current: Float64Array[];
    count: number;
    lost: number;
    time: number;
  };
  private n = 0;
  private angle = 0;

  constructor(
    private readonly wave: Wave,
    private readonly begin = Date.UTC(2026, 0, 12, 9, 0, 0, 0),
    size = 1000,
  ) {
    const arrays = (of: readonly Channel[]): Float64Array[] => of.map(() => new Float64Array(size));
    this.block = { voltage: arrays(wave.voltage), current: arrays(wave.current), count: size, lost: 0, time: begin };
  }

  /** The next `count` samples; `skip` of them are lost before. */
  next(count = this.block.voltage[0]!.length, skip = 0): WaveSource['block'] {
    const { wave, block } = this;
    for (let k = 0; k < skip; k++) this.turn();
    block.lost = skip;
    block.count = count;
    block.time = this.begin + (this.n / wave.rate) * 1000;
    for (let k = 0; k < count; k++) {
      const t = this.n / wave.rate;
      for (const [p, channel] of wave.voltage.entries())
        block.voltage[p]![k] = valueAt(channel, this.angle) * (wave.envelope?.(t, p) ?? 1);
      for (const [p, channel] of wave.current.entries()) block.current[p]![k] = valueAt(channel, this.angle);
      this.turn();
    }
    return block;
  }

  /** s of samples so far. */
  get seconds(): number {
    return this.n / this.wave.rate;
  }

  private turn(): void {
    // the mean frequency of the step, so that a drift is exact
    const { rate, frequency } = this.wave;
    this.angle += (2 * PI * frequency((this.n + 0.5) / rate)) / rate;
    this.n++;
  }
}

function valueAt({ rms, phase, harmonics = [], dc = 0 }: Channel, angle: number): number {
  let sum = sin(angle + phase);
  for (const [order, share, shift = 0] of harmonics) sum += share * sin(order * (angle + phase) + shift);
  return dc + rms * SQRT2 * sum;
}

/** RMS of all of a channel. */
export function rmsOf({ rms, harmonics = [], dc = 0 }: Channel): number {
  return sqrt(harmonics.reduce((sum, [, share]) => sum + share ** 2, 1) * rms ** 2 + dc ** 2);
}

/** W of a voltage and a current whose harmonics have the same orders in the same places or none in common. */
export function powerOf(u: Channel, i: Channel): number {
  let sum = cos(u.phase - i.phase);
  for (const [order, share, shift = 0] of u.harmonics ?? [])
    for (const [other, part, turn = 0] of i.harmonics ?? [])
      if (order === other) sum += share * part * cos(order * (u.phase - i.phase) + shift - turn);
  return u.rms * i.rms * sum;
}

const THIRD = (2 * PI) / 3;
const VOLTAGE_HARMONICS = [
  [3, 0.02, 0.3],
  [5, 0.03, 1],
  [7, 0.02, 2],
  [11, 0.01],
  [13, 0.008, 1],
] as const;
const CURRENT_HARMONICS = [
  [3, 0.3, 1],
  [5, 0.15, 2],
  [7, 0.08],
  [9, 0.04, 1],
  [11, 0.03],
] as const;

/** A house on three phases and a neutral: distorted, unbalanced, lagging by 0.4 rad. */
export function house(rate: number, frequency: (t: number) => number = () => 50): Wave {
  const lag = 0.4;
  const phase = (k: number): number => -k * THIRD;
  const voltage = [230, 231.5, 228.2].map((rms, k) => ({ rms, phase: phase(k), harmonics: VOLTAGE_HARMONICS }));
  const current = [10, 4, 7.5].map((rms, k) => ({ rms, phase: phase(k) - lag, harmonics: CURRENT_HARMONICS }));
  return { rate, frequency, voltage, current: [...current, { rms: 4.9, phase: 1 }] };
}
