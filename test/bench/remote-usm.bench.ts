import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';

/** How long each reader goes before it is weighed, ms. */
const READ = 60_000;
const LOOK = 500;

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
      for (;;) {
        const seen = await Promise.all(paths.map((path) => isThere(core, path).catch(() => false)));
        const passed = performance.now() - began;
        if (seen.every(Boolean) && passed > READ) break;
        if (passed > 2 * READ) throw new Error('the values of the other boxes did not come');
        await pause(LOOK);
      }
      return (['neighbour', 'old'] as const).map((name) => {
        const reader = childOf(core.pid, `smx: ${name}`);
        if (reader === undefined) throw new Error('the reader of the other box did not come up');
        const what = name === 'old' ? 'an SMXCore, 22 registers each 2 s' : 'another SMX, 18 points each second';
        const { own } = processMemory(reader);
        return { name: `remote-usm: private memory, ${what}`, figure: own, unit: 'MB', target: 15, limit: null, better: 'less' as const }; // prettier-ignore
      });
    } finally {
      await core.dispose();
      await site.stop();
      await mosquitto.remove();
    }
  },
};
