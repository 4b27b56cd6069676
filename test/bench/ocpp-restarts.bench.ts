import { proxyDefaults } from '../conformance/support/ocpp-config.js';
import { restarts } from '../conformance/support/ocpp-restarts.js';
import { seeded } from '../faults/support/random.js';
import type { Bench, BenchRow } from './row.js';

const RESTARTS = 1_000;

async function run(): Promise<readonly (BenchRow & { readonly better: 'more' | 'less' })[]> {
  const config = { ...proxyDefaults(), 'upgrades-per-minute': 1_000_000 };
  const { faults } = await restarts({ count: RESTARTS, random: seeded(7), config });
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  const what =
    'OCPP proxy: of 1 000 restarts of proxy, back end and charge points, messages lost, doubled or out of order';
  return [{ name: what, figure: faults.length, unit: '', target: 0, limit: null, better: 'less' }];
}

export const bench: Bench = { name: 'ocpp-restarts', run };
