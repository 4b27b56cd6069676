import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventRecord } from '@smx-edge/model';
import { least, most, none, type Extent, type Rig, type RigRow } from './rig.js';
import { Keeper } from './support/keeper.js';
import { KeeperOracle, type Verdict } from './support/keeper-oracle.js';
import { seeded } from './support/random.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const MINUTES = 400;
const PAGE = 4096;

interface Damage {
  readonly file: string;
  readonly what: string;
}

/** Files below a folder that have content, by their paths in it. The reserve holds nothing. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name !== 'ballast' && statSync(join(folder, name)).isFile() && statSync(join(folder, name)).size > 0,
    )
    .sort();
}

/** Damages one file: flips up to eight bits, zeroes a page, or cuts its end off. */
function damage(folder: string, file: string, random: () => number): Damage {
  const path = join(folder, file);
  const bytes = readFileSync(path);
  const below = (n: number): number => Math.floor(random() * n);
  const kind = random();
  if (kind < 0.15) {
    const size = below(bytes.length);
    truncateSync(path, size);
    return { file, what: `cut to ${size} of ${bytes.length}` };
  }
  if (kind < 0.3) {
    const at = Math.floor(below(bytes.length) / PAGE) * PAGE;
    bytes.fill(0, at, Math.min(bytes.length, at + PAGE));
    writeFileSync(path, bytes);
    return { file, what: `page at ${at} zeroed` };
  }
  const places = Array.from({ length: 1 + below(8) }, () => below(bytes.length));
  for (const at of places) bytes[at]! ^= 1 << below(8);
  writeFileSync(path, bytes);
  return { file, what: `bits flipped at ${places.join(', ')}` };
}

/** Samples that are missing and that no gap tells of: neither by its times nor by its count. */
function untold({ lost }: Verdict, events: readonly EventRecord[]): number {
  const missing = lost.flatMap((what) => {
    const match = /^(?:number|double|text) (\d+)$/.exec(what);
    return match === null ? [] : [START + Number(match[1]) * MINUTE];
  });
  const gaps = events.filter(({ code }) => code === 'SMX_STORE_GAP').map(({ data }) => data as Gap);
  const [timed, counted] = [
    gaps.filter(({ from }) => from !== undefined),
    gaps.filter(({ from }) => from === undefined),
  ];
  const outside = missing.filter((t) => !timed.some(({ from, to }) => from! <= t && t <= to!));
  // where not even an index was left, nobody knows how many there were
  if (counted.some(({ samples }) => samples === undefined)) return 0;
  return Math.max(0, outside.length - counted.reduce((sum, { samples }) => sum + samples!, 0));
}

interface Gap {
  readonly from?: number;
  readonly to?: number;
  readonly samples?: number;
}

/** Bits flip in a file while the box is off: it starts, never gives a wrong value, and says what is missing. */
export const rig: Rig = {
  name: 'flips',
  needs: [],
  async run(extent: Extent): Promise<RigRow[]> {
    const count = extent === 'few' ? 12 : 500;
    const root = mkdtempSync(join(tmpdir(), 'smx-flips-'));
    const sound = join(root, 'sound');
    const oracle = new KeeperOracle();
    const random = seeded(count);
    const sums = { wrong: 0, untold: 0, silent: 0, failed: 0, slowest: 0, lossy: 0 };
    try {
      const keeper = new Keeper({ dir: sound, first: 0, count: MINUTES });
      await keeper.exited;
      oracle.learn(keeper.facts);
      const files = filesOf(sound);
      const kinds = [...new Set(files.map((file) => file.replace(/\d+/g, 'N')))];
      for (let i = 0; i < count; i++) {
        // a folder of its own for each: a store that failed may still have its thread in the last one
        const dir = join(root, String(i));
        cpSync(sound, dir, { recursive: true });
        rmSync(join(dir, 'ballast'), { force: true });
        // each kind of file as often as any other, however many there are of it
        const kind = kinds[i % kinds.length]!;
        const ofKind = files.filter((file) => file.replace(/\d+/g, 'N') === kind);
        const hit = damage(dir, ofKind[Math.floor(random() * ofKind.length)]!, random);
        const tell = (what: string): boolean => process.stderr.write(`flip ${i}: ${hit.file} ${hit.what}: ${what}\n`);
        try {
          const verdict = await oracle.check(dir, true);
          const { opened, lost, twice, wrong, events, areWhole } = verdict;
          sums.slowest = Math.max(sums.slowest, opened);
          // what stands in a chain may be wrong only where the chain says so
          if (areWhole) sums.wrong += twice.length + wrong.length;
          if (lost.length > 0) sums.lossy++;
          const isSaid =
            !areWhole || events.some(({ code }) => code === 'SMX_STORE_GAP' || code === 'SMX_STORE_DAMAGED');
          const isFile = lost.every((what) => what.startsWith('file of'));
          if (lost.length > 0 && !isSaid && !isFile) {
            sums.silent++;
            tell(`lost without a word: ${lost.slice(0, 4).join('; ')}`);
          }
          const missing = untold(verdict, events);
          sums.untold += missing;
          if (missing > 0) tell(`${missing} samples no gap tells of: ${lost.slice(0, 4).join('; ')}`);
          if (areWhole && twice.length + wrong.length > 0) tell([...twice, ...wrong].slice(0, 6).join('; '));
          await rm(dir, { recursive: true, force: true });
        } catch (error) {
          sums.failed++;
          tell(
            error instanceof Error
              ? `${error.name} ${String((error as { code?: string }).code)} ${error.message}`
              : String(error),
          );
        }
      }
    } finally {
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    }
    const name = `damage of files, ${count} times:`;
    return [
      none(`${name} values wrong or twice`, sums.wrong),
      none(`${name} stores that did not come up or not answer`, sums.failed),
      none(`${name} losses without a word`, sums.silent),
      none(`${name} missing samples no gap tells of`, sums.untold),
      most(`${name} slowest opening`, sums.slowest / 1000, { target: 10, unit: 's' }),
      least(`${name} that took something away`, sums.lossy, { target: 1, unit: '' }),
    ];
  },
};
