import { PowerQuality, type PowerQualityEvent, type Values } from '@smx-edge/protocols/power-quality';
import { powerOf, rmsOf, WaveSource, type Channel, type Wave } from '../../libs/protocols/test-support/wave.js';
import type { Bench, BenchRow } from './row.js';

type Row = BenchRow & { readonly better: 'less' };

const WAVES = 40;
const DIPS = 60;
const SECONDS = 2;
const BEGIN = Date.UTC(2026, 0, 12, 9);
/** What the S1 port resolves: V and A. */
const STEPS = { voltage: 0.025, current: 0.001 };
/** V and A of noise, half of a rectangle's width: about 0.05 % of what is measured. */
const NOISE = { voltage: 0.2, current: 0.01 };

/** Numbers from 0 to 1, the same ones for a seed. */
class Chance {
  constructor(private state: number) {}

  next(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }

  within(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
}

/** Harmonics up to an order: each at random, falling with the order. */
const distorted = (chance: Chance, top: number, most: number): NonNullable<Channel['harmonics']> =>
  Array.from({ length: top - 1 }, (_, k) => [k + 2, (chance.next() * most * 3) / (k + 3), chance.within(0, 6.28)]);

/** A wave of three phases and a neutral at any frequency from 47 to 52 Hz that drifts by up to `drift` Hz/s. */
function randomWave(chance: Chance, rate: number, { top, drift }: { top: number; drift: number }): Wave {
  const [start, slope] = [chance.within(47.3, 51.7), chance.within(-drift, drift)];
  const shared = distorted(chance, top, 0.05);
  const channel = (rms: number, phase: number, most: number, dc: number): Channel => ({
    ...{ rms, phase, dc, harmonics: most === 0.05 ? shared : distorted(chance, top, most) },
  });
  const turns = [0, 1, 2].map((k) => (-k * 2 * Math.PI) / 3 + chance.within(-0.02, 0.02));
  const voltage = turns.map((phase) => channel(chance.within(212, 246), phase, 0.05, chance.within(-1, 1)));
  const current = turns.map((phase) =>
    channel(chance.within(2, 20), phase - chance.within(-0.9, 0.9), 0.3, chance.within(-0.1, 0.1)),
  );
  const neutral = channel(chance.within(1, 5), chance.within(0, 6), 0.3, 0);
  return { rate, frequency: (t) => start + slope * t, voltage, current: [...current, neutral] };
}

/** Noise on, and the resolution of the port. */
function spoil(chance: Chance, arrays: readonly Float64Array[], kind: keyof typeof STEPS): void {
  const [step, noise] = [STEPS[kind], NOISE[kind]];
  for (const samples of arrays)
    for (let n = 0; n < samples.length; n++)
      samples[n] = Math.round((samples[n]! + noise * (chance.next() + chance.next() - 1)) / step) * step;
}

interface Run {
  readonly seconds: number;
  readonly onWindow?: (values: Values) => void;
  readonly onEvent?: (event: PowerQualityEvent) => void;
  /** Share of frames that are lost, one by one. */
  readonly lost?: number;
}

function measure(chance: Chance, wave: Wave, { seconds, lost = 0, ...listener }: Run): void {
  const size = 13;
  const meter = new PowerQuality({ wiring: '4-wire', rate: wave.rate }, listener);
  const source = new WaveSource(wave, BEGIN, size);
  while (source.seconds < seconds) {
    const block = source.next(undefined, chance.next() < lost * size ? 1 : 0);
    spoil(chance, block.voltage, 'voltage');
    spoil(chance, block.current, 'current');
    meter.push(block);
  }
}

/** The largest errors so far. */
class Worst {
  readonly found = { rms: 0, power: 0, frequency: 0, harmonic: 0 };

  note(kind: keyof Worst['found'], error: number): void {
    if (!(Math.abs(error) <= this.found[kind])) this.found[kind] = Math.abs(error);
  }

  compare(values: Values, wave: Wave, top: number): void {
    const middle = ((values.start + values.end) / 2 - BEGIN) / 1000;
    this.note('frequency', (values.frequency - wave.frequency(middle)) * 1000);
    for (let k = 0; k < 3; k++) {
      const [u, i] = [wave.voltage[k]!, wave.current[k]!];
      this.note('rms', (values.voltage[k]! / rmsOf(u) - 1) * 100);
      this.note('rms', (values.current[k]! / rmsOf(i) - 1) * 100);
      this.note('power', (values.active[k]! / (powerOf(u, i) + (u.dc ?? 0) * (i.dc ?? 0)) - 1) * 100);
      for (let order = 2; order <= top; order++) {
        this.note('harmonic', (values.voltageHarmonics[k]![order]! / u.rms - u.harmonics![order - 2]![1]) * 100);
        this.note('harmonic', (values.currentHarmonics[k]![order]! / i.rms - i.harmonics![order - 2]![1]) * 100);
      }
    }
  }
}

function windowRows(rate: number, top: number): Row[] {
  const chance = new Chance(rate);
  const worst = new Worst();
  for (let n = 0; n < WAVES; n++) {
    const wave = randomWave(chance, rate, { top, drift: 0.1 });
    let windows = 0;
    measure(chance, wave, {
      seconds: SECONDS,
      // crossings are still sought in the first
      onWindow: (values) => windows++ > 0 && worst.compare(values, wave, top),
    });
  }
  const name = `power quality: worst of ${WAVES} random waves at ${rate} Hz,`;
  const { rms, power, frequency, harmonic } = worst.found;
  const row = (what: string, figure: number, [unit, target]: [string, number]): Row => ({
    ...{ name: `${name} ${what}`, figure, unit, target, limit: null, better: 'less' },
  });
  return [
    row('RMS', rms, ['%', 0.05]),
    row('P of a phase', power, ['%', 0.1]),
    row('frequency over 10 cycles', frequency, ['mHz', 1]),
    row(`harmonics to order ${top}, of the fundamental`, harmonic, ['%', 0.2]),
  ];
}

function dipRows(lost: number): Row[] {
  const chance = new Chance(7);
  let [depth, duration, wrong] = [0, 0, 0];
  for (let n = 0; n < DIPS; n++) {
    const wave = randomWave(chance, 2600, { top: 25, drift: 0.1 });
    const [level, from, length] = [chance.within(0.06, 0.7), chance.within(0.8, 0.84), chance.within(0.04, 0.5)];
    const events: PowerQualityEvent[] = [];
    measure(
      chance,
      { ...wave, envelope: (t) => (t >= from && t < from + length ? level : 1) },
      { seconds: from + length + 0.3, lost, onEvent: (event) => events.push(event) },
    );
    const dip = events.find(({ kind }) => kind === 'dip');
    if (dip === undefined || events.length > 1) wrong++;
    if (dip === undefined) continue;
    const deepest = Math.min(...wave.voltage.map(rmsOf)) * level;
    depth = Math.max(depth, (Math.abs(dip.extreme - deepest) / 230) * 100);
    duration = Math.max(duration, Math.abs(dip.duration - length) * 1000);
  }
  const name = `power quality: ${DIPS} random dips${lost > 0 ? `, ${lost * 100} % of frames lost` : ''}:`;
  const row = (what: string, figure: number, [unit, target]: [string, number]): Row => ({
    ...{ name: `${name} ${what}`, figure, unit, target, limit: null, better: 'less' },
  });
  return [
    row('largest error of depth', depth, ['%', 0.5]),
    row('largest error of duration', duration, ['ms', 10]),
    row('not told, or told as more', wrong, ['', 0]),
  ];
}

function run(): Promise<readonly Row[]> {
  return Promise.resolve([...windowRows(2600, 25), ...windowRows(4200, 40), ...dipRows(0), ...dipRows(0.001)]);
}

export const bench: Bench = { name: 'power-quality-accuracy', run };
