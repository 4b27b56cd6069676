import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';

const PASSWORD = '12345678';
/** A week of rows is brought over meanwhile. */
const DAYS = 7;
/** But for those of a few power failures. */
const ROWS = DAYS * 90;
const READ = 90_000;
const LOOK = 1000;

async function rowsHere(core: BenchCore): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/profiles/pcc/P.01`, {
    headers: { authorization: `Bearer ${core.token}` },
  });
  return answer.ok ? ((await answer.json()) as { rows: unknown[] }).rows.length : 0;
}

export const bench: Bench = {
  name: 'iec62056-reader',
  async run() {
    const meter = { protocol: 'iec62056-21', family: 'metcom', password: PASSWORD, port: 0, days: DAYS };
    const site = await startSite(parseSiteConfig({ meters: [meter] }));
    const source = `tcp://127.0.0.1:${site.meters.get('iec62056-21')!.address.port}`;
    const poll = { every: '10s', addresses: ['32.7.0', '52.7.0', '72.7.0', '14.7.0'] };
    const config = { source, baud: 'any', poll, password: PASSWORD, profiles: ['P.01', 'P.98'] };
    const core = await BenchCore.prepare({ extensions: { meter: { use: 'meter-iec62056', config } } });
    try {
      core.start();
      const began = performance.now();
      while ((await rowsHere(core).catch(() => 0)) < ROWS || performance.now() - began < READ) {
        if (performance.now() - began > 3 * READ) throw new Error('the load profile of the meter did not come over');
        await pause(LOOK);
      }
      const reader = childOf(core.pid, 'smx: meter');
      if (reader === undefined) throw new Error('the reader of the meter did not come up');
      const { own } = processMemory(reader);
      return [
        {
          name: 'iec62056-21: meter-iec62056 private memory, four registers each 10 s, a week of rows brought over',
          ...{ figure: own, unit: 'MB', target: 11, limit: null, better: 'less' },
        },
      ];
    } finally {
      await core.dispose();
      await site.stop();
    }
  },
};
