import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

/** How long it goes before it is weighed, ms. */
const READ = process.env['SMX_BENCH_LONG'] === '1' ? 300_000 : 25_000;
const LOOK = 500;

async function isThere(core: BenchCore): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${core.http}/api/v1/points/er/battery/soc`, {
    headers: { authorization: `Bearer ${core.token}` },
  });
  return answer.ok && ((await answer.json()) as { value: unknown }).value !== null;
}

export const bench: Bench = {
  name: 'energy-router',
  async run() {
    const mosquitto = await startMosquitto();
    const broker = `mqtt://127.0.0.1:${mosquitto.port}`;
    const device = { name: 'er', protocol: 'energy-router', phases: 'one', interval: 1, broker };
    const site = await startSite(parseSiteConfig({ start: new Date().toISOString(), meters: [], devices: [device] }));
    const config = { source: broker, phases: 'one', interval: '1s' };
    const core = await BenchCore.prepare({ extensions: { router: { use: 'energy-router', config } } });
    try {
      core.start();
      const began = performance.now();
      while (!(await isThere(core).catch(() => false))) {
        if (performance.now() - began > READ) throw new Error('the values of the router did not come');
        await pause(LOOK);
      }
      const pid = childOf(core.pid, 'smx: router');
      if (pid === undefined) throw new Error('the reader of the router did not come up');
      const before = cpuSeconds(pid);
      await pause(READ);
      const share = (cpuSeconds(pid) - before) / (READ / 1000);
      const what = '17 messages each second over MQTT';
      return [
        { name: `energy-router: private memory, ${what}`, figure: processMemory(pid).own, unit: 'MB', target: 15, limit: null, better: 'less' }, // prettier-ignore
        { name: `energy-router: share of a core, ${what}`, figure: share * 100, unit: '%', target: 1, limit: null, better: 'less' }, // prettier-ignore
      ];
    } finally {
      await core.dispose();
      await site.stop();
      await mosquitto.remove();
    }
  },
};
