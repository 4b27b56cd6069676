import { seeded } from '../faults/support/random.js';
import { restarts } from './support/ocpp-restarts.js';
import { proxyDefaults } from './support/ocpp-config.js';

it.each([1, 2])('no message is lost, doubled or answered wrongly whatever is restarted (seed %d)', async (seed) => {
  const { faults, delivered } = await restarts({ count: 60, random: seeded(seed), config: { ...proxyDefaults(), 'upgrades-per-minute': 1_000_000 } }); // prettier-ignore
  expect(faults).toEqual([]);
  expect(delivered).toBeGreaterThan(10);
});
