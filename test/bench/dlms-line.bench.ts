import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DlmsPort, parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

const BAUD = 9600;
/** Start bit, eight bits, stop bit. */
const BITS = 10;
const SECOND = 1000;
const LONG = process.env['SMX_BENCH_LONG'] === '1';
/** How long the meter is read, s. */
const LENGTH = LONG ? 3600 : 240;
/** At the beginning objects and units are learnt, s. */
const WARM_UP = 30;
/** Between looks at what is here, s. */
const LOOK = 10;
/** The box writes each 10 s, ms. */
const FLUSH = 12_000;
const TWELVE = ['voltage/l1', 'voltage/l2', 'voltage/l3', 'current/l1', 'current/l2', 'current/l3', 'frequency', 'power/active', 'power/active/l1', 'power/active/l2', 'power/active/l3', 'power/reactive']; // prettier-ignore
/** Rows of 92 days, without those of a few power failures; and when they are as good as all here. */
const MONTHS_OF_ROWS = 8600;
const MOST_ROWS = 8500;
const PROFILE = '1-0:99.1.0';

async function ask<T>(core: BenchCore, path: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/${path}`, {
    headers: { authorization: `Bearer ${core.token}` },
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Seconds of the stretch in which one of the twelve values was not read. */
async function misses(core: BenchCore, from: number, to: number): Promise<number> {
  let most = 0;
  for (const path of TWELVE) {
    const span = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
    const { points } = await ask<{ points: Record<string, [t: number][]> }>(core, `history?match=pcc/${path}&${span}`);
    const times = (points[`pcc/${path}`] ?? []).map(([t]) => t);
    const asked = times.length === 0 ? to - from : times.at(-1)! - times[0]! + SECOND;
    most = Math.max(most, Math.round(asked / SECOND) - times.length);
  }
  return most;
}

/** Rows of the load profile that are here. */
async function rowsHere(core: BenchCore): Promise<number> {
  return (await ask<{ rows: unknown[] }>(core, `profiles/pcc/${PROFILE}`)).rows.length;
}

/** Reads the meter for so many seconds and gives what the line carried while months were filled in, and what was missed. */
async function watch(core: BenchCore, port: DlmsPort): Promise<{ share: number; missed: number; filled: number }> {
  const [from, bytes] = [Date.now(), port.bytes];
  let share = NaN;
  let filled = 0;
  while (Date.now() < from + LENGTH * SECOND) {
    await pause(LOOK * SECOND);
    filled = await rowsHere(core);
    // the last look at which rows were still coming
    if (filled < MOST_ROWS) share = ((port.bytes - bytes) * BITS * SECOND) / BAUD / (Date.now() - from);
  }
  const to = Date.now();
  // what is read now is on disk by then
  await pause(FLUSH);
  return { share: 100 * share, missed: await misses(core, from, to), filled };
}

export const bench: Bench = {
  name: 'dlms-line',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-dlms-'));
    const pty = join(folder, 'tty');
    const meter = { protocol: 'dlms', referencing: 'sn', password: '00000000', pty, baud: BAUD, port: 0, values: 'twelve' }; // prettier-ignore
    const site = await startSite(parseSiteConfig({ meters: [meter] }));
    const source = `serial:${pty}?baud=${BAUD}`;
    const core = await BenchCore.prepare({
      extensions: { meter: { use: 'meter-dlms', config: { source, profile: 'landis-gyr-zmd', password: '00000000' } } },
    });
    try {
      const port = site.meters.get('dlms');
      if (!(port instanceof DlmsPort)) throw new Error('the site has no DLMS meter');
      core.start();
      await pause(WARM_UP * SECOND);
      const reader = childOf(core.pid, 'smx: meter');
      if (reader === undefined) throw new Error('the reader of the meter did not come up');
      const cpu = cpuSeconds(reader);
      const began = performance.now();
      const { share, missed, filled } = await watch(core, port);
      const core1 = (100 * SECOND * (cpuSeconds(reader) - cpu)) / (performance.now() - began);
      const memory = processMemory(reader).own;
      const rows = LONG ? MONTHS_OF_ROWS : (LENGTH * MONTHS_OF_ROWS) / 3600;
      return [
        {
          name: `dlms-line: seconds of ${LENGTH} without all twelve values`,
          figure: missed,
          unit: '',
          target: 0,
          limit: null,
          better: 'less',
        },
        {
          name: 'dlms-line: rows filled in meanwhile, of 92 days at 9,600 baud',
          figure: filled,
          unit: '',
          target: rows,
          limit: null,
          better: 'more',
        },
        {
          name: 'dlms-line: time of the line that carried bytes meanwhile',
          figure: share,
          unit: '%',
          target: 90,
          limit: null,
          better: 'more',
        },
        {
          name: 'dlms-line: meter-dlms private memory',
          figure: memory,
          unit: 'MB',
          target: 14,
          limit: null,
          better: 'less',
        },
        {
          name: 'dlms-line: meter-dlms share of a core',
          figure: core1,
          unit: '%',
          target: 1,
          limit: null,
          better: 'less',
        },
      ];
    } finally {
      await core.dispose();
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
