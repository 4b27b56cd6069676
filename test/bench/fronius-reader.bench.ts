import { setTimeout as pause } from 'node:timers/promises';
import { parseSiteConfig, startSite } from '@smx-edge/site-simulator';
import type { Bench } from './row.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { cpuSeconds } from './support/process-time.js';

const WARM = 15_000;
const MEASURED = process.env['SMX_BENCH_LONG'] === '1' ? 300_000 : 25_000;
const DEVICES = [
  { protocol: 'sunspec', name: 'inverter', port: 0 },
  { protocol: 'solar-api', name: 'web', port: 0 },
];

export const bench: Bench = {
  name: 'fronius-reader',
  async run() {
    const site = await startSite(parseSiteConfig({ meters: [], devices: DEVICES }));
    const source = (name: string): string => site.devices.get(name)!.source;
    const config = { source: source('inverter'), units: [1, 200], poll: '1s', api: source('web') };
    const core = await BenchCore.prepare({ extensions: { roof: { use: 'fronius', config } } });
    try {
      core.start();
      await pause(WARM);
      const reader = childOf(core.pid, 'smx: roof');
      if (reader === undefined) throw new Error('the reader of the inverter did not come up');
      const [cpu, begun] = [cpuSeconds(reader), performance.now()];
      await pause(MEASURED);
      const share = (100_000 * (cpuSeconds(reader) - cpu)) / (performance.now() - begun);
      const { own } = processMemory(reader);
      const name = (what: string): string => `Fronius: ${what}, registers each second and Solar API each 10 s`;
      return [
        {
          name: name('private memory of an instance'),
          figure: own,
          unit: 'MB',
          target: 15,
          limit: null,
          better: 'less',
        },
        { name: name('a core, of an instance'), figure: share, unit: '%', target: 1, limit: null, better: 'less' },
      ];
    } finally {
      await core.dispose();
      await site.stop();
    }
  },
};
