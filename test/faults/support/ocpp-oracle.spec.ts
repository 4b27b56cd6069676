import { ocppKills } from './ocpp-kills.js';
import { seeded } from './random.js';

it('finds a proxy that sends a message twice', async () => {
  const { doubled } = await ocppKills({ count: 0, away: 'mirror', random: seeded(1), wrong: 'twice' });
  expect(doubled).toBeGreaterThan(0);
});

it('finds a proxy that drops a message', async () => {
  const { stuck } = await ocppKills({ count: 0, away: 'mirror', random: seeded(1), wrong: 'drop', calmWithin: 3_000 });
  expect(stuck).toBeGreaterThan(0);
});
