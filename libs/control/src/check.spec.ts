import { World } from '../test-support/world.js';

it('carries out nothing that was issued long ago, whether or not the clock of the box is set', () => {
  const world = new World();
  world.party('cloud');
  const now = world.clock.now();
  const cameOf = (id: string, t: number): unknown[] => {
    const { outcome, stages } = world.send('cloud', { id, t });
    return [outcome, stages.at(-1)?.code];
  };
  for (const state of ['ok', 'unsure'] as const) {
    world.clockState = state;
    for (const off of [-6 * 3_600_000, -60_001, 60_001])
      expect(cameOf(`${state} ${off}`, now + off)).toEqual(['refused', 'SMX_COMMAND_STALE']);
    expect(cameOf(`${state} fresh`, now - 59_999)).toEqual([undefined, undefined]);
  }
});

it('takes no time of day while the clock of the box is not set', () => {
  const world = new World();
  world.party('cloud');
  world.clockState = 'unsure';
  const until = world.clock.now() + 60_000;
  expect(world.send('cloud', { id: 'a', until, for: undefined as never }).stages.at(-1)?.code).toBe(
    'SMX_COMMAND_CLOCK',
  );
  expect(world.send('cloud', { id: 'b', for: 60_000 }).outcome).toBeUndefined();
});

it('counts a lease from when its command was issued', () => {
  const world = new World();
  world.party('cloud');
  const { lease, until } = world.send('cloud', { id: 'a', t: world.clock.now() - 20_000, for: 60_000 });
  expect([lease, until - world.clock.now()]).toEqual([40_000, 40_000]);
  expect(world.send('cloud', { id: 'b', t: world.clock.now() - 20_000, for: 20_000 }).outcome).toBe('expired');
});

it('tells whose authority a refused command had', () => {
  const world = new World();
  world.party('grid', { authority: 'dso' });
  const { outcome, authority } = world.send('grid', { id: 'a', value: 1e9 });
  expect([outcome, authority]).toEqual(['refused', 'dso']);
});
