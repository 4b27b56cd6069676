import { setTimeout as pause } from 'node:timers/promises';
import { runHistories } from '../../libs/control/test-support/histories.js';
import type { Bench, BenchRow } from './row.js';
import { ControlBox, POINT } from './support/control-box.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
const LEASES = LONG ? 100 : 5;
const DEATHS = LONG ? 50 : 3;
const HISTORIES = LONG ? 100_000 : 3000;

/** Longest time from the end of a lease until the battery is at its default, s. */
async function leaseEnds(box: ControlBox): Promise<number> {
  let longest = 0;
  for (let i = 0; i < LEASES; i++) {
    const body = { point: POINT, value: 1000 + i, for: '1s' };
    const { id } = await box.ask<{ id: string }>('commands', { method: 'POST', body });
    const { until } = await box.ask<{ until: number }>(`commands/${id}`);
    const due = performance.now() + (until - Date.now());
    await box.until(1000 + i);
    longest = Math.max(longest, (await box.until(0)) - due);
    // the party's rate
    await pause(1000);
  }
  return longest / 1000;
}

/** Longest time until a battery that goes on with what it was told is at its default after its core died, s from the restart. */
async function coreDeaths(box: ControlBox): Promise<number> {
  let longest = 0;
  for (let i = 0; i < DEATHS; i++) {
    await box.ask('commands', { method: 'POST', body: { point: POINT, value: 700 + i, for: '10m' } });
    await box.until(700 + i);
    await box.kill('SIGKILL');
    const begun = performance.now();
    const ready = box.start();
    longest = Math.max(longest, (await box.until(0)) - begun);
    await ready;
  }
  return longest / 1000;
}

/** The same after the process of the device died; s from its death. */
async function deviceDeaths(box: ControlBox): Promise<number> {
  let longest = 0;
  for (let i = 0; i < DEATHS; i++) {
    await box.ask('commands', { method: 'POST', body: { point: POINT, value: 400 + i, for: '10m' } });
    await box.until(400 + i);
    const [instance] = await box.ask<{ pid: number }[]>('extensions');
    const begun = performance.now();
    process.kill(instance!.pid, 'SIGKILL');
    longest = Math.max(longest, (await box.until(0)) - begun);
    // its deaths are forgiven, or the rule of restarts would wait longer each time
    await box.ask('extensions/virtual/restart', { method: 'POST' });
    await pause(1500);
  }
  return longest / 1000;
}

export const bench: Bench = {
  name: 'control',
  async run() {
    const box = await ControlBox.prepare();
    try {
      await box.start();
      await box.until(0);
      const rows: BenchRow[] = [
        row('default on the device after the end of a lease, longest', 's', {
          figure: await leaseEnds(box),
          target: 1,
          limit: null,
        }),
        row('default on the device after kill -9 of its process, longest', 's', {
          figure: await deviceDeaths(box),
          target: 5,
          limit: null,
        }),
        row('default on the device after kill -9 of the core, longest', 's', {
          figure: await coreDeaths(box),
          target: 5,
          limit: null,
        }),
      ];
      runHistories(HISTORIES);
      const histories = row('generated histories in which every rule holds', '', {
        figure: HISTORIES,
        target: HISTORIES,
        limit: null,
      });
      return [...rows.map((one) => ({ ...one, better: 'less' as const })), { ...histories, better: 'more' as const }];
    } finally {
      await box.dispose();
    }
  },
};

function row(name: string, unit: string, rest: Pick<BenchRow, 'figure' | 'target' | 'limit'>): BenchRow {
  return { name: `control: ${name}`, unit, ...rest };
}
