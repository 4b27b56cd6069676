import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

/** ms in which the reader must be up, settles, and is measured. */
const START = 120_000;
const SETTLE = 15_000;
const MEASURE = 60_000;

async function lost(core: BenchCore): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/points/s1/pq/lost`, {
    headers: { authorization: `Bearer ${core.token}` },
  });
  if (!answer.ok) throw new Error('the reader of the S1 port gives no values');
  return ((await answer.json()) as { value: number }).value;
}

export const bench: Bench = {
  name: 's1-reader',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-s1-'));
    const pty = join(folder, 'tty');
    const site = await startSite(parseSiteConfig({ meters: [{ protocol: 's1', pty }] }));
    const core = await BenchCore.prepare({
      extensions: { s1: { use: 's1-reader', config: { source: `serial:${pty}` } } },
    });
    try {
      core.start();
      const started = performance.now();
      while (
        !(await lost(core).then(
          () => true,
          () => false,
        )) &&
        performance.now() - started < START
      )
        await pause(1000);
      await pause(SETTLE);
      const reader = childOf(core.pid, 'smx: s1');
      if (reader === undefined) throw new Error('the reader of the S1 port did not come up');
      const [before, began] = [cpuSeconds(reader), performance.now()];
      let worst = 0;
      while (performance.now() - began < MEASURE) {
        await pause(1000);
        worst = Math.max(worst, await lost(core));
      }
      const share = (cpuSeconds(reader) - before) / ((performance.now() - began) / 1000);
      const { own } = processMemory(reader);
      const row = { limit: null, better: 'less' } as const;
      return [
        { name: 's1-reader: 2,600 samples a second from a pty, of a core', figure: share * 100, unit: '%', target: 6, ...row }, // prettier-ignore
        { name: 's1-reader: private memory', figure: own, unit: 'MB', target: 25, ...row },
        { name: 's1-reader: worst second of loss in a minute', figure: worst, unit: '%', target: 0, ...row },
      ];
    } finally {
      await core.dispose();
      await site.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
