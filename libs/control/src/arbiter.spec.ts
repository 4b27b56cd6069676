import { POINT, World } from '../test-support/world.js';

let world: World;
beforeEach(() => {
  world = new World();
  world.party('ctl');
  world.party('esco', { priority: 20 });
  world.party('owner', { authority: 'owner', priority: 50 });
  world.party('dso', { authority: 'dso', priority: 50 });
});

describe('one command', () => {
  test('goes through its stages, is proved, and gives the default back at the end of its lease', () => {
    world.send('ctl', { id: 'a', value: 1500, for: 60_000 });
    world.pass(1100);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'verified']);
    expect(world.stage('a', 'verified')).toMatchObject({ value: 1500, measured: 1500 });
    world.pass(58_890);
    expect(world.device.value).toBe(1500);
    world.pass(1000);
    expect(world.states('a').at(-1)).toBe('ended');
    expect(world.device.value).toBe(0);
    // only once the device has shown that it stays there
    expect(world.heldPoints.size).toBe(1);
    world.pass(10_000);
    expect(world.heldPoints.size).toBe(0);
  });

  test.each([
    ['clamp', 3000, 'clamped', 1000],
    ['drift', 3000, 'clamped', 1500],
    ['lie', 3000, 'ignored', 3000],
    ['ignore', 3000, 'ignored', 3000],
    ['late', 3000, 'verified', 3000],
    ['slow', 3000, 'verified', 3000],
  ] as const)('to a device that does %s comes to what the device really did', (habit, value, outcome, told) => {
    world.device.habit = habit;
    world.send('ctl', { id: 'a', value });
    world.pass(30_000);
    expect(world.states('a').filter((state) => state === outcome)).toHaveLength(1);
    expect(world.stage('a', outcome)?.value).toBe(told);
  });

  test('that the device refuses ends at once with the word of the device, and leaves what held before', () => {
    world.send('esco', { id: 'a', value: 500 });
    world.pass(2000);
    world.device.habit = 'refuse';
    world.send('owner', { id: 'b', value: 900 });
    world.pass(2000);
    expect(world.states('b')).toEqual(['received', 'accepted', 'refused']);
    expect(world.stage('b', 'refused')).toMatchObject({ code: 'SMX_COMMAND_REFUSED', reason: 'DEVICE_BUSY: not now' });
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'verified']);
    expect(world.arbiter.present(POINT)).toMatchObject({ value: 500 });
  });

  test('is verified and held where the device is within the tolerance, and no further off', () => {
    const shown = (id: string, value: number): unknown => {
      world.send('ctl', { id, value: 1500 });
      world.pass(10);
      world.device.value = value;
      world.pass(60_000);
      return world.states(id)[3];
    };
    expect(shown('near', 1500.1)).toBe('verified');
    expect(world.device.writes).toHaveLength(1);
    expect(shown('far', 1500.2)).toBe('clamped');
  });

  test('without a point that proves it is unverified', () => {
    world.verify = false;
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(20);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'unverified']);
  });

  test('whose proving point falls silent is unverified once its time to settle is over', () => {
    world.silent = true;
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(9000);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied']);
    world.pass(2000);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'unverified']);
  });

  test('that the site allows no more goes off the device also while the disk refuses, and is not written again', () => {
    world.send('ctl', { id: 'a', value: 1500 });
    world.pass(1100);
    world.storeFails = true;
    world.hard = { min: -600, max: 600 };
    world.arbiter.revise(POINT);
    world.pass(1000);
    expect(world.device.value).toBe(0);
    world.pass(10_000);
    expect(world.device.writes).toHaveLength(1);
    world.storeFails = false;
    world.pass(10_000);
    expect(world.device.value).toBe(600);
  });

  test('that is lost while another has the point for the same value is written again when it comes back', () => {
    world.send('ctl', { id: 'a', value: 600 });
    world.pass(1100);
    world.send('dso', { id: 'd', value: 600, for: 500 });
    world.pass(499);
    world.device.forget();
    world.pass(20_000);
    expect(world.device.value).toBe(600);
    expect(world.states('a').filter((state) => state === 'verified')).toHaveLength(1);
  });

  test('that was verified and that the device ignores under new bounds is written again, and then raises an alarm', () => {
    world.send('ctl', { id: 'a', value: 1500, for: 300_000 });
    world.pass(1100);
    world.device.habit = 'ignore';
    world.hard = { min: -600, max: 600 };
    world.arbiter.revise(POINT);
    world.pass(120_000);
    expect(world.device.writes.map(({ value }) => value)).toEqual([1500, 600, 600, 600, 600]);
    expect(world.alarms.at(-1)).toMatchObject({ code: 'command.lost', raised: true });
    expect(world.states('a').filter((state) => state === 'ignored')).toEqual([]);
  });

  test('that the device forgets within its lease is written again, three times at most, and then raises an alarm', () => {
    world.send('ctl', { id: 'a', value: 1500, for: 900_000 });
    world.pass(2000);
    world.device.value = 0;
    world.pass(9000);
    expect(world.device.writes).toHaveLength(1);
    world.pass(5000);
    expect(world.device.value).toBe(1500);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'verified', 'applied']);
    expect(world.alarms).toEqual([]);
    world.device.habit = 'lie';
    world.device.value = 0;
    world.pass(120_000);
    expect(world.device.writes.map(({ value }) => value)).toEqual([1500, 1500, 1500, 1500]);
    expect(world.states('a').filter((state) => state === 'verified' || state === 'ignored')).toEqual(['verified']);
    expect(world.alarms).toEqual([expect.objectContaining({ code: 'command.lost', raised: true })]);
    world.arbiter.cancel('ctl', 'a');
    world.pass(20_000);
    expect(world.alarms.at(-1)).toMatchObject({ code: 'command.lost', raised: false });
    expect(world.device.writes).toHaveLength(4);
  });

  test('that comes back by itself within its time to settle is not written again', () => {
    world.send('ctl', { id: 'a', value: 1500, for: 900_000 });
    world.pass(2000);
    world.device.value = 0;
    world.pass(5000);
    world.device.value = 1500;
    world.pass(60_000);
    expect(world.device.writes).toHaveLength(1);
  });

  test('waits within its lease for a device that went away meanwhile', () => {
    world.send('ctl', { id: 'a', value: 700 });
    world.deviceDown();
    world.pass(10);
    expect(world.states('a')).toEqual(['received', 'accepted']);
    world.deviceUp();
    world.pass(1100);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'verified']);
  });

  test('is answered again under its id, never executed again', () => {
    world.send('ctl', { id: 'a', value: 700, for: 2000 });
    world.pass(5000);
    const before = world.states('a');
    world.send('ctl', { id: 'a', value: 900 });
    world.pass(5000);
    world.crash();
    world.deviceUp();
    world.send('ctl', { id: 'a', value: 900 });
    world.pass(5000);
    expect(world.states('a')).toEqual(before);
    expect(world.device.writes.map(({ value }) => value)).toEqual([700]);
  });

  test('is known to the store together with its value before the device gets it, in one write', () => {
    world.latency = 300;
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(299);
    expect(world.device.writes).toHaveLength(0);
    world.pass(1);
    expect(world.device.writes).toHaveLength(1);
    expect([...world.heldPoints.values()]).toEqual([700]);
    world.crash();
    world.deviceUp();
    world.pass(1000);
    expect(world.stage('a', 'unverified')).toBeDefined();
    expect(world.device).toMatchObject({ value: 0, writes: [{ id: 'a' }] });
  });

  test('shows no outcome to who asks before a restart would know it too', () => {
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(1000);
    world.storeFails = true;
    world.pass(1000);
    const asked = world.arbiter.find('ctl', 'a');
    expect(asked?.outcome).toBeUndefined();
    expect(asked?.stages.map(({ state }) => state)).toEqual(['received', 'accepted', 'applied']);
    world.storeFails = false;
    world.pass(6000);
    expect(world.arbiter.find('ctl', 'a')).toMatchObject({ outcome: 'verified' });
  });

  test('that the store does not take is refused and executed by nobody', () => {
    world.storeFails = true;
    const results: unknown[] = [];
    const record = { ...world.send('ctl', { id: 'x', value: 1 }), id: 'a' };
    world.arbiter.take(record, (result) => results.push(result.outcome));
    world.pass(5000);
    expect(results).toEqual(['refused']);
    expect(world.device.writes).toEqual([]);
  });
});

describe('leases', () => {
  test('end by two missed heartbeats, and go on by each that comes', () => {
    world.send('ctl', { id: 'a', value: 700, for: 600_000, hb: 10_000 });
    for (let i = 0; i < 5; i++) {
      world.pass(15_000);
      world.arbiter.beat('ctl');
    }
    expect(world.device.value).toBe(700);
    world.pass(20_100);
    expect(world.states('a').at(-1)).toBe('ended');
    expect(world.device.value).toBe(0);
    world.send('ctl', { id: 'b', value: 600 });
    world.pass(10);
    expect(world.device.writes.map(({ id, heartbeat }) => [id, heartbeat])).toEqual([['a', 10_000], ['b', undefined]]); // prettier-ignore
  });

  test('of the same value tell the device where the heartbeat is another, as it may time itself by that', () => {
    world.send('ctl', { id: 'a', value: 700, for: 600_000, hb: 300_000 });
    world.pass(15_000);
    for (const id of ['b', 'c']) {
      world.send('ctl', { id, value: 700, for: 600_000, hb: 10_000 });
      world.pass(5000);
    }
    expect(world.device.writes.map(({ id, heartbeat }) => [id, heartbeat])).toEqual([['a', 300_000], ['b', 10_000]]); // prettier-ignore
    expect(world.states('b')).toContain('verified');
  });

  test('by the time of day follow the wall clock, relative ones do not', () => {
    world.send('ctl', { id: 'a', value: 700, for: 100_000 });
    world.send('owner', { id: 'b', value: 800, until: world.clock.now() + 100_000, for: undefined as never });
    world.pass(2000);
    world.clock.setWall(world.clock.now() + 200_000);
    world.pass(2000);
    expect(world.states('b').at(-1)).toBe('ended');
    expect(world.device.value).toBe(700);
  });

  test('that the wall clock ended are over at once: nothing of them is written any more', () => {
    world.send('ctl', { id: 'a', value: 700, until: world.clock.now() + 60_000, for: undefined as never });
    world.pass(2500);
    world.clock.setWall(world.clock.now() + 3_600_000);
    world.hard = { min: -500, max: 500 };
    world.arbiter.revise(POINT);
    world.pass(1000);
    expect(world.device.writes.map(({ value }) => value)).toEqual([700]);
    expect([world.device.value, world.states('a').at(-1)]).toEqual([0, 'ended']);
  });

  test('end on the device while a slow answer is awaited, and again after it', () => {
    world.device.habit = 'slow';
    world.send('ctl', { id: 'a', value: 700, for: 1000 });
    world.pass(1100);
    expect(world.device.releases).toBe(1);
    world.pass(5000);
    expect(world.device.releases).toBe(2);
    expect(world.device.value).toBe(0);
    expect(world.states('a')).toEqual(['received', 'accepted', 'unverified', 'ended']);
  });

  test('of commands that never had the point end as expired', () => {
    world.send('owner', { id: 'a', value: 700, for: 60_000 });
    world.pass(100);
    world.send('ctl', { id: 'b', value: 300, for: 10_000 });
    world.pass(20_000);
    expect(world.states('b')).toEqual(['received', 'accepted', 'expired']);
    expect(world.device.writes.map(({ value }) => value)).toEqual([700]);
  });
});

describe('several', () => {
  test('the stronger takes the point, and the other comes back when it ends', () => {
    world.send('ctl', { id: 'a', value: 300, for: 60_000 });
    world.pass(2000);
    world.send('owner', { id: 'b', value: 700, for: 10_000 });
    world.pass(2000);
    expect(world.device.value).toBe(700);
    expect(world.states('a').at(-1)).toBe('superseded');
    world.pass(9000);
    expect(world.states('b').at(-1)).toBe('ended');
    expect(world.device.value).toBe(300);
    expect(world.states('a').at(-1)).toBe('applied');
    world.pass(60_000);
    expect(world.states('a').at(-1)).toBe('ended');
  });

  test('are told superseded with the outcome of the newer, or a moment later where that takes longer', () => {
    const states = (): unknown => [world.states('a').at(-1), world.states('b').at(-1)];
    world.send('ctl', { id: 'a', value: 1000 });
    world.pass(1100);
    world.silent = true;
    world.send('ctl', { id: 'b', value: 700 });
    world.pass(10);
    expect(states()).toEqual(['verified', 'applied']);
    // what is not durable yet is not known either
    expect(world.arbiter.find('ctl', 'a')).toBeUndefined();
    world.pass(30);
    expect(states()).toEqual(['superseded', 'applied']);
    world.silent = false;
  });

  test('are told superseded where the box stops before that moment is over', () => {
    world.send('ctl', { id: 'a', value: 1000 });
    world.pass(1100);
    world.silent = true;
    world.send('ctl', { id: 'b', value: 700 });
    world.pass(10);
    world.arbiter.close();
    world.pass(5);
    expect(world.states('a').at(-1)).toBe('superseded');
  });

  test('of one party: the newer is what it wants, the older is superseded for good', () => {
    world.send('ctl', { id: 'a', value: 300 });
    world.pass(2000);
    world.send('ctl', { id: 'b', value: 400 });
    world.pass(2000);
    expect(world.states('a')).toEqual(['received', 'accepted', 'applied', 'verified', 'superseded']);
    world.arbiter.cancel('ctl', 'b');
    world.pass(10);
    expect(world.states('b').at(-1)).toBe('cancelled');
    expect(world.device.value).toBe(0);
  });

  test('of one party: the newer is what it wants also while both wait behind a stronger one', () => {
    world.send('owner', { id: 'strong', value: 700, for: 10_000 });
    world.pass(2000);
    world.send('ctl', { id: 'old', value: 300, for: 600_000 });
    world.send('ctl', { id: 'new', value: 400, for: 20_000 });
    world.pass(2000);
    expect(world.states('old')).toEqual(['received', 'accepted', 'expired']);
    world.pass(10_000);
    expect(world.device.value).toBe(400);
    world.pass(20_000);
    expect(world.device.value).toBe(0);
  });

  test('come to the device no faster than it takes commands, and what ends does not wait for that', () => {
    world.definition = { ...world.definition, setpoint: { ...world.definition.setpoint, interval: 5000 } };
    for (const value of [100, 200, 300]) {
      world.send('ctl', { id: `c${value}`, value });
      world.pass(500);
    }
    world.pass(10_000);
    const { writes } = world.device;
    expect(writes.map(({ value }) => value)).toEqual([100, 300]);
    expect(writes[1]!.mono - writes[0]!.mono).toBeGreaterThanOrEqual(5000);
    world.send('ctl', { id: 'last', value: 400 });
    world.pass(5000);
    world.arbiter.cancel('ctl', 'last');
    world.pass(10);
    expect(world.device.value).toBe(0);
  });

  test('a weaker one of priority waits, and follows within a second', () => {
    world.send('ctl', { id: 'a', value: 300, for: 10_000 });
    world.send('esco', { id: 'b', value: 400, for: 60_000 });
    world.pass(9000);
    expect(world.device.value).toBe(300);
    world.pass(2000);
    expect(world.device.value).toBe(400);
    expect(world.device.releases).toBe(0);
  });

  test('limits compose: those of stronger parties bound, those of weaker do not', () => {
    world.send('owner', { id: 'set', value: 3000 });
    world.pass(2000);
    world.send('dso', { id: 'lim', max: 1200 });
    world.pass(2000);
    expect(world.device.value).toBe(1200);
    expect(world.states('lim')).toEqual(['received', 'accepted', 'applied', 'verified']);
    world.send('ctl', { id: 'weak', max: 500 });
    world.pass(2000);
    expect(world.device.value).toBe(1200);
    world.party('tenant', { authority: 'owner', priority: 10 });
    world.send('tenant', { id: 'equal', max: 900, for: 10_000 });
    world.pass(2000);
    expect(world.device.value).toBe(900);
    world.pass(10_000);
    world.arbiter.cancel('dso', 'lim');
    world.pass(100);
    expect(world.device.value).toBe(3000);
    expect(world.states('set').filter((state) => state === 'verified')).toHaveLength(1);
  });

  test('an envelope of the site bounds commands, and the default where that lies outside', () => {
    world.definition = { ...world.definition, setpoint: { ...world.definition.setpoint, default: 5000 } };
    world.envelope = { min: -5000, max: 2000 };
    world.arbiter.revise(POINT);
    world.pass(100);
    expect(world.device.value).toBe(2000);
    world.send('ctl', { id: 'a', value: 2500 });
    world.pass(2000);
    expect(world.stage('a', 'clamped')).toMatchObject({ value: 2000 });
  });
});

describe('crashes', () => {
  test('of the core put back also what the device takes late and the store has forgotten for a newer command', () => {
    world.device.habit = 'late';
    world.send('ctl', { id: 'a', value: 1500, for: 2 });
    world.pass(2);
    world.send('ctl', { id: 'b', value: 0 });
    world.pass(2);
    world.crash();
    world.deviceUp();
    world.pass(60_000);
    expect(world.device.value).toBe(0);
    expect(world.heldPoints.size).toBe(0);
  });

  test('of the core: the default first, the executed command ended, what waited goes on', () => {
    world.send('owner', { id: 'a', value: 700, for: 600_000 });
    world.pass(2000);
    world.send('ctl', { id: 'b', value: 300, for: 600_000 });
    world.pass(100);
    world.crash();
    expect(world.device.value).toBe(700);
    world.pass(3000);
    world.deviceUp();
    expect(world.device.value).toBe(0);
    world.pass(3000);
    expect(world.states('a').at(-1)).toBe('ended');
    expect(world.states('a').filter((state) => state === 'verified')).toHaveLength(1);
    expect(world.device.value).toBe(300);
  });

  test('between the write and its answer leave exactly one outcome', () => {
    world.device.habit = 'slow';
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(50);
    world.crash();
    world.pass(10);
    world.deviceUp();
    world.pass(20_000);
    expect(world.states('a')).toEqual(['received', 'accepted', 'unverified', 'ended']);
    expect(world.device.writes).toHaveLength(1);
    expect(world.device.value).toBe(0);
  });

  test('of the device: its default before anything else, and the party is told', () => {
    world.send('ctl', { id: 'a', value: 700 });
    world.pass(2000);
    world.deviceDown();
    world.pass(10);
    expect(world.states('a').at(-1)).toBe('ended');
    world.deviceUp();
    world.pass(10);
    expect(world.device.value).toBe(0);
  });
});

test('a device that does not take its default is given it again until it does, and somebody is called meanwhile', () => {
  const world = new World();
  world.party('ctl');
  world.send('ctl', { id: 'a', value: 700, for: 10_000 });
  world.pass(5000);
  world.device.habit = 'refuse';
  world.pass(20_000);
  expect([world.device.value, world.alarms]).toEqual([700, [{ code: 'command.release', raised: true }]]);
  expect(world.heldPoints.size).toBe(1);
  world.device.habit = 'obey';
  world.pass(60_000);
  expect(world.device.value).toBe(0);
  expect(world.alarms.at(-1)).toEqual({ code: 'command.release', raised: false });
  expect(world.heldPoints.size).toBe(0);
});

test('the end of the box puts back also what only the envelope of the site had put on the device', () => {
  const world = new World();
  world.definition = { ...world.definition, setpoint: { ...world.definition.setpoint, default: 5000 } };
  world.envelope = { min: -5000, max: 2000 };
  world.arbiter.revise(POINT);
  world.pass(1000);
  expect(world.device.value).toBe(2000);
  world.arbiter.close();
  world.pass(1000);
  expect([world.device.releases, world.arbiter.isIdle]).toEqual([1, true]);
});

test('the end of the box leaves the device at its default: what waits does not take the place of what ends, and waits on', () => {
  const world = new World();
  world.party('owner', { authority: 'owner' });
  world.party('party');
  world.send('owner', { id: 'strong', value: 1500 });
  world.pass(100);
  world.send('party', { id: 'weak', value: -700, for: 900_000 });
  world.pass(100);
  world.send('party', { id: 'late', value: -800, for: 900_000 });
  world.arbiter.close();
  world.pass(10_000);
  expect(world.device.writes.map(({ id }) => id)).toEqual(['strong']);
  expect([world.device.value, world.arbiter.isIdle, world.states('weak')]).toEqual([0, true, ['received', 'accepted']]);
  world.crash();
  world.deviceUp();
  world.pass(1000);
  expect(world.device.value).toBe(-800);
});
