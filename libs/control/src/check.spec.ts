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
