import { setTimeout as pause } from 'node:timers/promises';
import { runHistories } from '../../libs/control/test-support/histories.js';
import { negativeCells } from '../../libs/control/test-support/negative.js';
import type { Bench, BenchRow } from './row.js';
import { ControlBox, POINT } from './support/control-box.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
const LEASES = LONG ? 1000 : 5;
const DEATHS = LONG ? 1000 : 3;
const HISTORIES = LONG ? 100_000 : 3000;

/** Has the battery do `watts`; gives when the lease of that ends, ms UTC. */
async function hold(box: ControlBox, watts: number, lease = '10m'): Promise<number> {
  for (;;) {
    const body = { point: POINT, value: watts, for: lease };
    const { id } = await box.ask<{ id: string }>('commands', { method: 'POST', body });
    const { state, until } = await box.ask<{ state: string; until: number }>(`commands/${id}`);
    if (state !== 'refused') {
      await box.until(watts);
      return until;
    }
    // what has just come back does not take commands yet
    await pause(100);
  }
}

/** Longest time from the end of a lease until the battery is at its default, s. */
async function leaseEnds(box: ControlBox): Promise<number> {
  let longest = 0;
  for (let i = 0; i < LEASES; i++) {
    // the party's rate
    const rest = pause(1000);
    const until = await hold(box, 1000 + i, '1s');
    const due = performance.now() + (until - Date.now());
    longest = Math.max(longest, (await box.until(0)) - due);
    await rest;
  }
  return longest / 1000;
}

/** Longest time until a battery that goes on with what it was told is at its default after its core died, s from the restart. */
async function coreDeaths(box: ControlBox): Promise<number> {
  let longest = 0;
  for (let i = 0; i < DEATHS; i++) {
    await hold(box, 700 + i);
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
    await hold(box, 400 + i);
    const [instance] = await box.ask<{ pid: number }[]>('extensions');
    const begun = performance.now();
    process.kill(instance!.pid, 'SIGKILL');
    longest = Math.max(longest, (await box.until(0)) - begun);
    // its deaths are forgiven, or the rule of restarts would wait longer each time
    await box.ask('extensions/virtual/restart', { method: 'POST' });
    await pause(1000);
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
      const { denied, executed } = negativeCells();
      rows.push(
        row(`executed of ${denied} commands without a grant`, '', { figure: executed, target: 0, limit: null }),
      );
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
