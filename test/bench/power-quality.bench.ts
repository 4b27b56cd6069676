import { PowerQuality, type SampleBlock } from '@smx-edge/protocols/power-quality';
import { house, WaveSource } from '../../libs/protocols/test-support/wave.js';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs } from './support/cpu.js';

const ROUNDS = 3;
/** s of samples that are repeated: 999 whole cycles, so that the end fits the beginning. */
const TURN = 20;
const FREQUENCY = 49.95;
const SETTLING_TURNS = 2;
const TIMED_TURNS = 6;
const BYTE_TURNS = 15;
/** Frames over which the heap must not grow: 10⁸ are ten hours and a half at 2,600 Hz. */
const HEAP_FRAMES = process.env['SMX_BENCH_LONG'] === '1' ? 1e8 : 1e7;
/** Frames of a turn. */
const PER_TURN = TURN * 2600;
/** The compiler is done by then. */
const WARM_TURNS = 60;
const BEGIN = Date.UTC(2026, 0, 12, 9);

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** A meter of three phases with neutral, and the samples of a distorted house without an end. */
class Rig {
  cycles = 0;
  windows = 0;
  intervals = 0;
  private readonly blocks: (SampleBlock & { time: number })[];
  private readonly meter: PowerQuality;
  private turns = 0;

  constructor(rate: number) {
    this.meter = new PowerQuality(
      { wiring: '4-wire', rate },
      { onCycle: () => this.cycles++, onWindow: () => this.windows++, onInterval: () => this.intervals++ },
    );
    const source = new WaveSource(
      house(rate, () => FREQUENCY),
      BEGIN,
      rate / 10,
    );
    this.blocks = Array.from({ length: TURN * 10 }, () => {
      const { voltage, current, ...rest } = source.next();
      return { ...rest, voltage: voltage.map((v) => v.slice()), current: current.map((i) => i.slice()) };
    });
  }

  turn(): void {
    // without an iterator, which would be counted
    for (let n = 0; n < this.blocks.length; n++) {
      const block = this.blocks[n]!;
      block.time = BEGIN + this.turns * TURN * 1000 + n * 100;
      this.meter.push(block);
    }
    this.turns++;
  }
}

/** Times real time, of processor time. */
function speed(rig: Rig): number {
  const before = rig.cycles;
  const start = cpuMs();
  for (let k = 0; k < TIMED_TURNS; k++) rig.turn();
  const figure = (TIMED_TURNS * TURN * 1000) / (cpuMs() - start);
  if (Math.abs(rig.cycles - before - TIMED_TURNS * TURN * FREQUENCY) > 1) throw new Error('cycles are missing');
  return figure;
}

const warmed = (rate: number): Rig => {
  const rig = new Rig(rate);
  for (let k = 0; k < SETTLING_TURNS; k++) rig.turn();
  return rig;
};

const used = (): number => process.memoryUsage().heapUsed;

/** Bytes that a cycle leaves for the collector: the median of turns in which it did not run, by which the heap would have shrunk. */
function bytesPerCycle(rig: Rig): number {
  const figures: number[] = [];
  while (figures.length < BYTE_TURNS) {
    const [before, cycles] = [used(), rig.cycles];
    rig.turn();
    const left = used() - before;
    if (left >= 0) figures.push(left / (rig.cycles - cycles));
  }
  return figures.sort((a, b) => a - b)[BYTE_TURNS >> 1]!;
}

/** kB by which the heap grows over a long run. */
function growth(rig: Rig): number {
  global.gc!();
  const before = used();
  for (let k = 0; k * PER_TURN < HEAP_FRAMES; k++) rig.turn();
  global.gc!();
  return Math.max(0, used() - before) / 1024;
}

async function run(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [rate, target] of [
    [2600, 150],
    [4200, 90],
  ] as const) {
    const rig = warmed(rate);
    rows.push({
      name: `power quality: all of it, three phases and neutral at ${rate} Hz`,
      ...{ figure: await medianOf(ROUNDS, () => speed(rig)), unit: '× real time', target, limit: null, better: 'more' },
    });
  }
  const rig = warmed(2600);
  for (let k = 0; k < WARM_TURNS; k++) rig.turn();
  rows.push(
    {
      name: 'power quality: left for the collector by a cycle',
      ...{
        figure: bytesPerCycle(rig),
        unit: 'B',
        target: 16,
        limit: null,
        better: 'less',
      },
    },
    {
      name: `power quality: growth of the heap over ${HEAP_FRAMES.toLocaleString('en')} frames`,
      ...{ figure: growth(rig), unit: 'kB', target: 64, limit: null, better: 'less' },
    },
  );
  return rows;
}

export const bench: Bench = { name: 'power-quality', run };
