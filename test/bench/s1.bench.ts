import { constants, PerformanceObserver, type NodeGCPerformanceDetail } from 'node:perf_hooks';
import { fcs16 } from '@smx-edge/protocols/hdlc';
import { S1_FRAME_LENGTH, S1Decoder, S1Encoder } from '@smx-edge/protocols/s1';
import { fuzzS1 } from '../faults/support/s1-fuzz.js';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs } from './support/cpu.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
const ROUNDS = 5;
const ROUND_MS = 150;
/** Numbers of the frames go round in it 16 times. */
const FRAMES = 4096;
const PIECES = [512, 4096, 65_536];
/** What a piece of one byte costs may eat no more than a hundredth of a core at 2,600 Hz. */
const BYTEWISE = 260_000;
const HEAP_FRAMES = LONG ? 1e8 : 1e7;
const FUZZED = LONG ? 1e8 : 1e7;

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** A three-phase meter with a neutral at 52 samples a period. */
function meter(): { readonly encoder: S1Encoder; readonly write: (into: Uint8Array) => void } {
  const encoder = new S1Encoder({
    ...{ meterId: '1SAG1100012345', phases: 3, wires: 4, neutralMeasured: true },
    ...{ samplesPerPeriod: 52, samplesPerSecond: null },
  });
  const sample = { frequency: 50.02, voltage: [0, 0, 0], current: [0, 0, 0], neutral: 0, valid: true };
  const write = (into: Uint8Array): void => {
    let at = 0;
    for (let n = 0; at < into.length; n++) {
      for (let k = 0; k < 3; k++) {
        const angle = 2 * Math.PI * (n / 52 - k / 3);
        sample.voltage[k] = 325 * Math.sin(angle);
        sample.current[k] = 14 * Math.sin(angle - 0.3);
      }
      at = encoder.write(into, at, sample);
    }
  };
  return { encoder, write };
}

const STREAM = Buffer.alloc(FRAMES * S1_FRAME_LENGTH);
meter().write(STREAM);

/** The stream in pieces; the same views each time, as a socket's would be dropped after use. */
const pieces = (size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(STREAM.length / size) }, (_, i) => STREAM.subarray(i * size, (i + 1) * size));

/** Frames a second of one core, whatever else the machine does. */
function rate(pass: () => void): number {
  const start = cpuMs();
  let [done, elapsed] = [0, 0];
  do {
    pass();
    done += FRAMES;
    elapsed = cpuMs() - start;
  } while (elapsed < ROUND_MS);
  return (done * 1000) / elapsed;
}

function bare(): void {
  for (let at = 0; at < STREAM.length; at += S1_FRAME_LENGTH)
    if (fcs16(STREAM, at + 1, at + 42) !== STREAM.readUInt16LE(at + 42)) throw new Error('a frame is damaged');
}

function decoding(size: number): {
  readonly pass: () => void;
  readonly decoder: S1Decoder;
  readonly got: () => number;
} {
  let samples = 0;
  const decoder = new S1Decoder({ onBlock: ({ count }) => void (samples += count) });
  const chunks = pieces(size);
  const pass = (): void => {
    for (const chunk of chunks) decoder.push(chunk);
  };
  return { pass, decoder, got: () => samples };
}

async function speed(): Promise<Row[]> {
  const limit = await medianOf(ROUNDS, () => rate(bare));
  const rows: Row[] = [];
  for (const size of [...PIECES, 1]) {
    const { pass, decoder } = decoding(size);
    pass();
    const figure = await medianOf(ROUNDS, () => rate(pass));
    const { frames, missing, skippedBytes } = decoder.counts;
    if (frames % FRAMES !== 0 || missing + skippedBytes > 0) throw new Error(`${missing} frames are missing`);
    rows.push({
      name: `S1: frames of three phases to samples in pieces of ${size} B, beside their bare check sequences`,
      ...{ figure, unit: 'frames/s', target: size === 1 ? BYTEWISE : 6_000_000, limit, better: 'more' },
    });
  }
  const { write } = meter();
  const into = Buffer.alloc(STREAM.length);
  const encoded = await medianOf(ROUNDS, () => rate(() => write(into)));
  rows.push({
    name: 'S1: frames made of samples, their sines included',
    ...{ figure: encoded, unit: 'frames/s', target: 1_000_000, limit: null, better: 'more' },
  });
  return rows;
}

/** kB that the heap has grown while frames were decoded, and how often garbage was collected meanwhile: nothing makes any. */
async function heap(): Promise<Row[]> {
  const { pass, got } = decoding(4096);
  // until all of it is compiled for good
  for (let i = 0; i < 4000; i++) pass();
  let collections = 0;
  // those of the young only: a timer of V8 may start one of all some seconds after the one below
  const isMinor = (entry: unknown): boolean =>
    (entry as { detail: NodeGCPerformanceDetail }).detail.kind === constants.NODE_PERFORMANCE_GC_MINOR;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (isMinor(entry)) collections++;
  });
  global.gc!();
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
  await settled();
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  for (const from = got(); got() - from < HEAP_FRAMES;) pass();
  const grown = (process.memoryUsage().heapUsed - before) / 1024;
  await settled();
  observer.disconnect();
  const name = `S1: over 10${LONG ? '⁸' : '⁷'} frames`;
  const alone = { limit: null, better: 'less' } as const;
  return [
    { name: `${name}, heap grown`, figure: grown, unit: 'kB', target: 64, ...alone },
    { name: `${name}, collections of young garbage`, figure: collections, unit: '', target: 0, ...alone },
  ];
}

function fuzz(): Row[] {
  const { frames, wrong, untold, collisions } = fuzzS1(FUZZED, 1);
  const name = `S1: of 10${LONG ? '⁸' : '⁷'} fuzzed bytes with ${frames} intact frames`;
  const alone = { unit: '', limit: null, better: 'less' } as const;
  return [
    { name: `${name}, ${collisions} by chance, samples of no intact frame`, figure: wrong, target: 0, ...alone },
    { name: `${name}, bytes that no count tells of`, figure: untold, target: 0, ...alone },
  ];
}

export const bench: Bench = {
  name: 's1',
  run: async () => [...(await speed()), ...(await heap()), ...fuzz()],
};
