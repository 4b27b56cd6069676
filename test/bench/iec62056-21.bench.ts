import {
  BlockFramer,
  decodeDataSets,
  decodeProfile,
  encodeBlock,
  encodeStamp,
  withEvenParity,
} from '@smx-edge/protocols/iec62056-21';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs, cpuRate } from './support/cpu.js';

const ROUNDS = 5;
const CHANNELS = 4;
const ROWS = 3840;
const DAY = 96;
const MUTATIONS = 1_000_000;
/** How often what seems the slowest is read again. */
const AGAIN = [1, 2, 3];

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** 2 kB of a meter of many registers, with stored values and demands with their time. */
function readout(): { readonly bytes: Uint8Array; readonly sets: number } {
  const lines: string[] = ['F.F(00000000)', '0.0.0(53078125)', '0.9.1(16:40:56)', '0.9.2(26-01-15)'];
  for (let i = 0; lines.join('\r\n').length < 2000; i++) {
    const address = `${1 + (i % 8)}.${i % 3 === 2 ? 6 : 8}.${i % 5}`;
    lines.push(
      `${address}${i > 20 ? `*${i}` : ''}(${String(100_000 + 7 * i)}.28*kWh)${i % 3 === 2 ? '(26-01-02 08:30)' : ''}`,
    );
  }
  return { bytes: withEvenParity(encodeBlock(`${lines.join('\r\n')}\r\n!\r\n`)), sets: lines.length };
}

/** 40 days of quarter-hours, each day under a heading of its own. */
function profile(): Uint8Array {
  let text = '';
  for (let i = 0; i < ROWS; i++) {
    if (i % DAY === 0) {
      const stamp = encodeStamp({ local: Date.UTC(2026, 0, 1) + i * 900_000 }, 13);
      text += `P.01(${stamp})(00)(15)(${CHANNELS})(1.5)(kW)(2.5)(kW)(5.5)(kvar)(8.5)(kvar)\r\n`;
    }
    text += `(0.${1000 + (i % 977)})(0.0065)(0.0${(i * 7) % 1000})(0.0040)\r\n`;
  }
  return withEvenParity(encodeBlock(text));
}

/** The data of the one block in `bytes`. */
function dataOf(bytes: Uint8Array): string {
  let data: string | undefined;
  new BlockFramer((message) => (data = message.kind === 'block' ? message.data : data)).push(bytes);
  if (data === undefined) throw new Error('a block did not come through');
  return data;
}

/** What no reader can do without: the check over the same bytes. */
function bareCheck(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum ^= bytes[i]!;
  return sum;
}

function profileMs(bytes: Uint8Array): number {
  const start = cpuMs();
  const passes = 10;
  for (let i = 0; i < passes; i++) {
    const blocks = decodeProfile(dataOf(bytes));
    if ('fault' in blocks || blocks.reduce((sum, { rows }) => sum + rows.length, 0) !== ROWS)
      throw new Error('rows are missing');
  }
  return (cpuMs() - start) / passes;
}

/** Blocks that were given though their check is wrong, of readouts of which up to three bytes are others, missing or new; the slowest in ms. */
function mutate(bytes: Uint8Array): { readonly wrong: number; readonly slowest: number } {
  let state = 1;
  const random = (below: number): number => (state = (state * 48271) % 2147483647) % below;
  let [wrong, slowest] = [0, 0];
  for (let n = 0; n < MUTATIONS; n++) {
    let mutated = Buffer.from(bytes);
    for (let k = random(3); k >= 0; k--) {
      const at = random(mutated.length);
      const way = random(8);
      if (way > 1) mutated[at] = random(256);
      else
        mutated = Buffer.concat([
          mutated.subarray(0, at),
          Buffer.alloc(way, random(256)),
          mutated.subarray(at + 1 - way),
        ]);
    }
    const { ms, isWrong } = readMutated(mutated);
    if (isWrong) wrong++;
    // what is slow only once was the machine, not the codec
    slowest = Math.max(slowest, ms > slowest ? Math.min(ms, ...AGAIN.map(() => readMutated(mutated).ms)) : 0);
  }
  return { wrong, slowest };
}

/** Reads a readout to its values; wrong where a block was given that does not stand in its bytes with its check. */
function readMutated(mutated: Uint8Array): { readonly ms: number; readonly isWrong: boolean } {
  let isWrong = false;
  const begun = performance.now();
  new BlockFramer((message) => {
    if (message.kind !== 'block') return;
    decodeDataSets(message.data);
    const { data, command, isLast } = message;
    const sound = Buffer.from(encodeBlock(data, command === undefined ? { isLast } : { command, isLast }));
    if (!Buffer.from(mutated.map((byte) => byte & 0x7f)).includes(sound)) isWrong = true;
  }).push(mutated);
  return { ms: performance.now() - begun, isWrong };
}

async function run(): Promise<readonly Row[]> {
  const { bytes, sets } = readout();
  const parse = (): void => {
    if (decodeDataSets(dataOf(bytes)).length !== sets) throw new Error('data sets are missing');
  };
  const figure = await medianOf(ROUNDS, () => cpuRate(parse));
  const bare = await medianOf(ROUNDS, () => cpuRate(() => void bareCheck(bytes)));
  const long = profile();
  profileMs(long);
  const ms = await medianOf(ROUNDS, () => profileMs(long));
  const xor = 1000 / (await medianOf(ROUNDS, () => cpuRate(() => void bareCheck(long))));
  const { wrong, slowest } = mutate(bytes.subarray(0, 300));
  const name = (what: string): string => `IEC 62056-21: ${what}`;
  return [
    {
      name: name('readout of 2 kB, line to data sets, beside XOR over its bytes'),
      ...{ figure, unit: 'readouts/s', target: 30_000, limit: bare, better: 'more' },
    },
    {
      name: name(`P.01 of 40 days, ${ROWS} rows of ${CHANNELS} values, beside XOR`),
      ...{ figure: ms, unit: 'ms', target: 20, limit: xor, better: 'less' },
    },
    {
      name: name('blocks with a wrong check that were given, of 10⁶ mutated ones'),
      figure: wrong,
      unit: '',
      target: 0,
      limit: null,
      better: 'less',
    },
    {
      name: name('the slowest of these, the best of four times'),
      figure: slowest,
      unit: 'ms',
      target: 50,
      limit: null,
      better: 'less',
    },
  ];
}

export const bench: Bench = { name: 'iec62056-21', run };
