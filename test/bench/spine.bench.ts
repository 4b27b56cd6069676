import { setTimeout as pause } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import type { Bench } from './row.js';
import { barePath } from './support/bare-path.js';
import { BenchCore } from './support/core.js';
import { childOf, processMemory } from './support/process-memory.js';
import { belgianTelegram, P1Gateway } from './support/telegrams.js';

const NOW = 'smx/1/+/all/now';
const POWER = 'pcc/power/active';
const TELEGRAMS = 300;
/** A box runs for years: what is measured is code that has run for some minutes, not its first calls. */
const WARM_UP = 400;
const PAUSE = 70;
const STARTS = 3;

interface Now {
  v: Record<string, number | null>;
}

/** Resolves with the time (monotonic ms) at which `client` sees a `now` that `fits`. */
function nextNow(client: MqttClient, fits: (now: Now) => boolean): Promise<number> {
  return new Promise((resolve) => {
    const look = (_topic: string, payload: Buffer): void => {
      const at = performance.now();
      if (!fits(JSON.parse(payload.toString()) as Now)) return;
      client.off('message', look);
      resolve(at);
    };
    client.on('message', look);
  });
}

async function startTime(core: BenchCore, gateway: P1Gateway): Promise<number> {
  const begun = performance.now();
  core.start();
  const client = core.subscriber(NOW);
  const sender = setInterval(() => gateway.send(belgianTelegram(Date.now(), 1000)), 50);
  const at = await nextNow(client, ({ v }) => typeof v[POWER] === 'number');
  clearInterval(sender);
  client.end(true);
  await core.stop();
  return at - begun;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}

export const bench: Bench = {
  name: 'spine',
  async run() {
    const gateway = await P1Gateway.listen();
    const core = await BenchCore.prepare({
      extensions: {
        p1: { use: 'p1-reader', config: { device: 'pcc', source: `tcp://127.0.0.1:${gateway.port}` } },
        many: { use: 'many-points', config: { count: 270 }, allow: { publish: ['#'] } },
      },
    });
    try {
      const starts: number[] = [];
      for (let i = 0; i < STARTS; i++) starts.push(await startTime(core, gateway));
      starts.sort((a, b) => a - b);

      core.start();
      const client = core.subscriber(NOW);
      const idle = setInterval(() => gateway.send(belgianTelegram(Date.now(), 500)), 1000);
      await nextNow(client, ({ v }) => v[POWER] === 500 && Object.keys(v).length >= 290);
      await pause(8000);
      const memory = processMemory(core.pid);
      const reader = childOf(core.pid, 'smx: p1');
      const own = reader === undefined ? NaN : processMemory(reader).own;
      clearInterval(idle);

      const times: number[] = [];
      for (let i = 0; i < WARM_UP + TELEGRAMS; i++) {
        const watts = 1000 + i;
        const seen = nextNow(client, ({ v }) => v[POWER] === watts);
        const bytes = belgianTelegram(Date.now(), watts);
        const sent = performance.now();
        gateway.send(bytes);
        const took = (await seen) - sent;
        if (i >= WARM_UP) times.push(took);
        await pause(PAUSE);
      }
      times.sort((a, b) => a - b);
      client.end(true);
      await core.stop();
      const bare = await barePath(gateway, {
        size: 9500,
        count: TELEGRAMS,
        send: () => gateway.send(belgianTelegram(Date.now(), 1000)),
        pause: () => pause(PAUSE),
      });
      return [
        {
          name: 'spine: last byte of a telegram → now, p50, 300 points',
          figure: quantile(times, 0.5),
          unit: 'ms',
          target: 2,
          limit: quantile(bare, 0.5),
          better: 'less',
        },
        {
          name: 'spine: last byte of a telegram → now, p99, 300 points',
          figure: quantile(times, 0.99),
          unit: 'ms',
          target: 8,
          limit: quantile(bare, 0.99),
          better: 'less',
        },
        { name: 'spine: core PSS', figure: memory.pss, unit: 'MB', target: 95, limit: null, better: 'less' },
        { name: 'spine: p1-reader private memory', figure: own, unit: 'MB', target: 12, limit: null, better: 'less' },
        {
          name: 'spine: start → first published reading',
          figure: quantile(starts, 0.5),
          unit: 'ms',
          target: 2000,
          limit: null,
          better: 'less',
        },
      ];
    } finally {
      await core.dispose();
      gateway.close();
    }
  },
};
