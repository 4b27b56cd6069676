import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

/** How long each reader goes before it is weighed, ms. */
const READ = process.env['SMX_BENCH_LONG'] === '1' ? 300_000 : 25_000;
const LOOK = 500;
const WHAT = {
  neighbour: 'another SMX, 18 points each second',
  old: 'an SMXCore, 22 registers each 2 s',
} as const;

async function isThere(core: BenchCore, path: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/points/${path}`, {
    headers: { authorization: `Bearer ${core.token}` },
  });
  return answer.ok && ((await answer.json()) as { value: unknown }).value !== null;
}

export const bench: Bench = {
  name: 'remote-usm',
  async run() {
    const mosquitto = await startMosquitto();
    const broker = `mqtt://127.0.0.1:${mosquitto.port}`;
    const devices = [
      { name: 'smx', protocol: 'smx', broker },
      { name: 'core', protocol: 'smxcore', broker },
    ];
    const site = await startSite(parseSiteConfig({ start: new Date().toISOString(), meters: [], devices }));
    const core = await BenchCore.prepare({
      extensions: {
        neighbour: { use: 'remote-usm', config: { source: broker } },
        old: { use: 'remote-usm', config: { source: broker, format: 's4g', gateway: 'EDYNA-0003' } },
      },
    });
    try {
      core.start();
      const began = performance.now();
      const paths = ['neighbour-pcc/power/active', 'old-pcc/power/active'];
      while (!(await Promise.all(paths.map((path) => isThere(core, path).catch(() => false)))).every(Boolean)) {
        if (performance.now() - began > READ) throw new Error('the values of the other boxes did not come');
        await pause(LOOK);
      }
      const readers = (['neighbour', 'old'] as const).map((name) => {
        const pid = childOf(core.pid, `smx: ${name}`);
        if (pid === undefined) throw new Error('the reader of the other box did not come up');
        return { what: WHAT[name], pid, before: cpuSeconds(pid) };
      });
      await pause(READ);
      return readers.flatMap(({ what, pid, before }) => {
        const share = (cpuSeconds(pid) - before) / (READ / 1000);
        return [
          { name: `remote-usm: private memory, ${what}`, figure: processMemory(pid).own, unit: 'MB', target: 15, limit: null, better: 'less' as const }, // prettier-ignore
          { name: `remote-usm: share of a core, ${what}`, figure: share * 100, unit: '%', target: 1, limit: null, better: 'less' as const }, // prettier-ignore
        ];
      });
    } finally {
      await core.dispose();
      await site.stop();
      await mosquitto.remove();
    }
  },
};
