import {
  crc16,
  encodeTelegram,
  formatTst,
  P1Decoder,
  p1Slot,
  peakHistoryGroups,
  type EncodableObject,
} from '@smx-edge/protocols/p1';
import { medianOf, type Bench, type BenchRow } from './row.js';

const CHUNKS = [1, 16, 64, 512, 4096, 65_536];
const ROUNDS = 3;
const ROUND_MS = 150;
/** A ring of telegrams long enough to fill the largest piece, short enough that its views stay in the cache. */
const ringOf = (chunk: number): number => (chunk < 512 ? 2 : 128);

type Row = BenchRow & { readonly better: 'more' | 'less' };

interface Case {
  readonly name: string;
  readonly size: number;
  readonly target: number;
  readonly telegram: (second: number) => Uint8Array;
}

const tst = (ms: number): string => formatTst(ms, 3_600_000);
const IMPORT = p1Slot('energy/active/import');
const START = Date.UTC(2026, 0, 12, 9);

function lines(...rows: readonly string[]): EncodableObject[] {
  return rows.map((row) => {
    const [obis = '', ...groups] = row.split('|');
    return { obis, groups };
  });
}

/** A three-phase DSMR 5 meter without sub-meters. */
function dutch(second: number): Uint8Array {
  const wh = (3_432_829 + second).toString().padStart(9, '0');
  const w = (400 + (second % 90)).toString().padStart(5, '0');
  return encodeTelegram({
    ident: 'ISK5\\2M550T-1012',
    objects: [
      ...lines(
        '1-3:0.2.8|50',
        `0-0:1.0.0|${tst(START + second * 1000)}`,
        '0-0:96.1.1|4530303434303037313331363530363138',
      ),
      ...lines(
        `1-0:1.8.1|${wh.slice(0, 6)}.${wh.slice(6)}*kWh`,
        '1-0:1.8.2|003224.632*kWh',
        '1-0:2.8.1|000000.000*kWh',
      ),
      ...lines(
        '1-0:2.8.2|000000.000*kWh',
        '0-0:96.14.0|0001',
        `1-0:1.7.0|${w.slice(0, 2)}.${w.slice(2)}*kW`,
        '1-0:2.7.0|00.000*kW',
      ),
      ...lines('0-0:96.7.21|00005', '0-0:96.7.9|00003', '1-0:99.97.0|1|0-0:96.7.19|180417201458S|0000000236*s'),
      ...['32.32', '52.32', '72.32', '32.36', '52.36', '72.36'].flatMap((c) => lines(`1-0:${c}.0|00001`)),
      ...lines('0-0:96.13.0|', '1-0:32.7.0|236.7*V', '1-0:52.7.0|234.5*V', '1-0:72.7.0|236.0*V'),
      ...lines('1-0:31.7.0|000*A', '1-0:51.7.0|000*A', '1-0:71.7.0|002*A'),
      ...lines('1-0:21.7.0|00.045*kW', '1-0:41.7.0|00.010*kW', '1-0:61.7.0|00.379*kW'),
      ...['22', '42', '62'].flatMap((c) => lines(`1-0:${c}.7.0|00.000*kW`)),
    ],
  });
}

/** A three-phase Belgian meter with peaks of ten months, gas and water. */
function belgian(second: number): Uint8Array {
  const peaks = Array.from({ length: 10 }, (_, i) => ({
    closed: Date.UTC(2025, 3 + i, 1) - 3_600_000,
    at: Date.UTC(2025, 2 + i, 17, 17, 45),
    power: 4000 + 37 * i,
  }));
  const w = (4000 + (second % 900)).toString().padStart(5, '0');
  return encodeTelegram({
    ident: 'FLU5\\253769484_AB',
    objects: [
      ...lines(
        '0-0:96.1.4|50217',
        '0-0:96.1.1|3153414733313031303231363035',
        `0-0:1.0.0|${tst(START + second * 1000)}`,
      ),
      ...lines(
        '1-0:1.8.1|000034.034*kWh',
        '1-0:1.8.2|000015.758*kWh',
        '1-0:2.8.1|000000.000*kWh',
        '1-0:2.8.2|000000.011*kWh',
      ),
      ...lines('0-0:96.14.0|0001', '1-0:1.4.0|02.351*kW', '1-0:1.6.0|260109144500W|02.589*kW'),
      { obis: '0-0:98.1.0', groups: peakHistoryGroups(peaks, tst) },
      ...lines(`1-0:1.7.0|${w.slice(0, 2)}.${w.slice(2)}*kW`, '1-0:2.7.0|00.000*kW'),
      ...['21', '41', '61', '22', '42', '62'].flatMap((c) => lines(`1-0:${c}.7.0|01.333*kW`)),
      ...['32', '52', '72'].flatMap((c) => lines(`1-0:${c}.7.0|234.7*V`)),
      ...['31', '51', '71'].flatMap((c) => lines(`1-0:${c}.7.0|005.68*A`)),
      ...lines('0-0:96.3.10|1', '0-0:17.0.0|999.9*kW', '1-0:31.4.0|999*A', '0-0:96.13.0|4F6E646572686F75642031'),
      ...lines(
        '0-1:24.1.0|003',
        '0-1:96.1.1|37464C4F32313139303333373333',
        '0-1:24.4.0|1',
        '0-1:24.2.3|260112095500W|00112.384*m3',
      ),
      ...lines('0-2:24.1.0|007', '0-2:96.1.1|3853414731323334353637383930', '0-2:24.2.1|260112090000W|00872.234*m3'),
    ],
  });
}

const CASES: readonly Case[] = [
  { name: 'DSMR 5', size: 778, target: 60_000, telegram: dutch },
  { name: 'eMUCS 1.7.1', size: 1370, target: 40_000, telegram: belgian },
];

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `pass` over and over and gives telegrams per second of one core, whatever else the machine does. */
function rate(telegrams: number, pass: () => void): number {
  const start = cpuMs();
  let done = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < 20; i++) pass();
    done += 20 * telegrams;
    elapsed = cpuMs() - start;
  } while (elapsed < ROUND_MS);
  return (done * 1000) / elapsed;
}

function pieces(stream: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(stream.length / size) }, (_, i) => stream.subarray(i * size, (i + 1) * size));
}

/** Not part of what is made anew for each row: the compiler would now and then keep that loop as it was for another row. */
function pushAll(decoder: P1Decoder, chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) decoder.push(chunk);
}

async function measure({ name, target, telegram, size }: Case): Promise<Row[]> {
  const rows: Row[] = [];
  for (const chunk of CHUNKS) {
    const count = ringOf(chunk);
    const stream = Buffer.concat(Array.from({ length: count }, (_, second) => telegram(second)));
    if (stream.length !== size * count) throw new Error(`a telegram has ${stream.length / count} bytes, not ${size}`);
    const chunks = pieces(stream, chunk);
    let good = 0;
    let energy = 0;
    const decoder = new P1Decoder({
      onTelegram: (read) => {
        if (read.verdict === 'ok') good++;
        energy += read.values[IMPORT]!;
      },
    });
    const pass = (): void => pushAll(decoder, chunks);
    pass();
    if (good !== count || !(energy > 0)) throw new Error(`${good} of ${count} telegrams of ${name} decoded`);
    const limit = await medianOf(ROUNDS, () => rate(count, () => void crc16(stream)));
    const figure = await medianOf(ROUNDS, () => rate(count, pass));
    rows.push({
      name: `P1 ${name}, ${size} B, pieces of ${chunk} B`,
      figure,
      unit: 'telegrams/s',
      target,
      limit,
      better: 'more',
    });
  }
  return rows;
}

export const bench: Bench = {
  name: 'p1',
  async run() {
    const rows: Row[] = [];
    for (const each of CASES) rows.push(...(await measure(each)));
    return rows;
  },
};
