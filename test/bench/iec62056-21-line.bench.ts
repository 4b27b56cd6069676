import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProfile, reactionTimeOf, type ClientOptions, type Reading } from '@smx-edge/protocols/iec62056-21';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import { LineReader, type Took } from '../../apps/site-simulator/test-support/line-reader.js';
import { medianOf, type Bench, type BenchRow } from './row.js';

type Row = BenchRow & { readonly better: 'more' | 'less' };

const BAUD = 9600;
const PASSWORD = '12345678';
const READER: ClientOptions = { mode: 'programming', password: { command: 'P1', text: PASSWORD } };
/** Two days of quarter-hours. */
const START = '2026-06-20T00:00:00Z';
const STRETCH = 'P.01(12606180000;)';
const ROUNDS = 3;
/** Characters of a partial block. */
const BLOCK = 1024;

/** Letters of the identification by which a reader knows how fast the meter answers. */
const FAMILIES = { 'landis-gyr': 'LGZ', iskraemeco: 'ISk' } as const;
type Family = keyof typeof FAMILIES;

/** `work` with a reader at a meter of this family on a terminal of 9600 baud. */
async function atMeter<T>(family: Family, work: (reader: LineReader) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'smx-bench-iec-'));
  const pty = join(folder, 'tty');
  const meter = {
    protocol: 'iec62056-21',
    family,
    password: PASSWORD,
    pty,
    baud: BAUD,
    port: 0,
    block: BLOCK,
    days: 3,
  };
  const site = await startSite(parseSiteConfig({ start: START, meters: [meter] }));
  const reader = await LineReader.open(`serial:${pty}`);
  try {
    return await work(reader);
  } finally {
    await reader.close();
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function dataOf({ steps }: Took): string {
  const data = steps.find(({ kind }) => kind === 'data');
  if (data?.kind !== 'data') throw new Error(`the meter was not read: ${JSON.stringify(steps.at(-1))}`);
  return data.data;
}

/** Share of the time of reading rows in which bytes were on the line, %. */
async function busy(family: Family, command: Reading): Promise<number> {
  return atMeter(family, async (reader) => {
    await reader.signOn(READER);
    const took = await reader.read(command, STRETCH);
    const blocks = decodeProfile(dataOf(took));
    if ('fault' in blocks) throw new Error(blocks.fault);
    if (blocks.reduce((sum, { rows }) => sum + rows.length, 0) < 180) throw new Error('rows are missing');
    return (100 * took.line) / took.ms;
  });
}

/** ms from the first byte of the sign-on to the first value, and what its bytes and the delays of the standard need. */
async function firstValue(family: Family): Promise<{ readonly ms: number; readonly needed: number }> {
  return atMeter(family, async (reader) => {
    const signOn = await reader.signOn(READER);
    const value = await reader.read('R1', '1.8.0()');
    dataOf(value);
    // the meter waits before each answer, and the reader before it acknowledges
    const needed = signOn.line + value.line + (reader.messages + 1) * reactionTimeOf(FAMILIES[family]);
    return { ms: signOn.ms + value.ms, needed };
  });
}

async function run(): Promise<readonly Row[]> {
  const row = (name: string, figure: number, target: Partial<Row>): Row => ({ name: `iec62056-21-line: ${name}`, figure, unit: '%', target: 95, limit: null, better: 'more', ...target }); // prettier-ignore
  const rows: Row[] = [];
  for (const [family, command, what] of [
    ['landis-gyr', 'R5', 'one block (200 ms meter)'],
    ['iskraemeco', 'R6', 'blocks of 1 kB (20 ms meter)'],
  ] as const)
    // prettier-ignore
    rows.push(row(`time of the line that carried bytes of P.01, ${what}, 9,600 baud`, await busy(family, command), {}));
  for (const family of ['landis-gyr', 'iskraemeco'] as const) {
    let needed = NaN;
    const ms = await medianOf(ROUNDS, async () => {
      const first = await firstValue(family);
      needed = first.needed;
      return first.ms;
    });
    const reaction = reactionTimeOf(FAMILIES[family]);
    rows.push(row(`sign-on to first value, ${reaction} ms meter`, ms, { unit: 'ms', target: 1.2 * needed, limit: needed, better: 'less' })); // prettier-ignore
  }
  return rows;
}

export const bench: Bench = { name: 'iec62056-21-line', run };
