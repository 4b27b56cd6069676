import { Zone, type CommandStage } from '@smx-edge/model';
import { World, POINT } from '../test-support/world.js';
import { keyOf, type CommandRecord } from './record.js';
import { isSchedule, nextChange, slotAt, type ScheduleRecord } from './schedule.js';
import { scheduleWish, senmlWish } from './schedule-wish.js';
import { Schedules } from './schedules.js';

const HOUR = 3_600_000;
const ROME = new Zone('Europe/Rome');

describe('a schedule', () => {
  const at = { zone: ROME, now: Date.UTC(2026, 2, 28, 12), isSetpoint: (path: string) => path === POINT };
  const native = (more: object): ReturnType<typeof scheduleWish> =>
    scheduleWish(
      {
        id: 'a',
        t: at.now,
        point: POINT,
        start: 'tomorrow',
        step: '1h',
        values: Array.from({ length: 24 }, (_, i) => i),
        ...more,
      },
      at,
    );

  test('of 24 hours begins at the local midnight and runs in real hours, also where clocks change', () => {
    const wish = native({});
    // 2026-03-29 is the day of 23 hours in Rome
    expect(new Date(wish.start).toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(slotAt(wish, Date.UTC(2026, 2, 29, 1, 30))).toBe(2);
    // 03:30 summer time: the hour that clocks leave out has no value of its own
    expect(ROME.local(wish.start + 2.5 * HOUR)).toMatchObject({ hour: 3, minute: 30 });
    expect([slotAt(wish, wish.start - 1), slotAt(wish, wish.start), slotAt(wish, wish.start + 24 * HOUR)]).toEqual([
      undefined,
      0,
      undefined,
    ]);
    expect([
      nextChange(wish, wish.start - 5),
      nextChange(wish, wish.start),
      nextChange(wish, wish.start + 24 * HOUR),
    ]).toEqual([wish.start, wish.start + HOUR, Infinity]);
    const autumn = scheduleWish({ point: POINT, start: '2026-10-25', step: '30m', values: [1, 2] }, at);
    expect(new Date(autumn.start).toISOString()).toBe('2026-10-24T22:00:00.000Z');
  });

  test('says where it does not fit', () => {
    const wrong = (more: object): string => {
      try {
        native(more);
        return '';
      } catch (error) {
        return (error as Error).message.split(':')[0]!;
      }
    };
    expect(
      [
        { step: '10ms' },
        { step: 3 },
        { values: [] },
        { values: Array(201).fill(1) },
        { values: ['x'] },
        { start: 'soon' },
        { priority: [1] },
        { priority: [...Array(23).fill(1), 101] },
        { point: 3 },
        { unit: 3 },
      ].map(wrong),
    ).toEqual(['step', 'step', 'values', 'values', 'values.0', 'start', 'priority', 'priority', 'point', 'unit']);
  });

  test('as a SenML pack: base values, seconds or ms, the point as name, the same for each day under one name', () => {
    const pack = [
      { bn: POINT, bt: 1_775_000_000, bu: 'kW', v: 1.5 },
      { t: 900, v: -2 },
      { t: 1800, v: 0 },
    ];
    expect(senmlWish(pack, at)).toMatchObject({
      name: POINT,
      point: POINT,
      unit: 'kW',
      start: 1_775_000_000_000,
      step: 900_000,
      values: [1.5, -2, 0],
    });
    const ms = [
      { bn: 'gesscon/7/', n: POINT, t: 1_775_000_000_000, v: 1, u: 'W' },
      { n: POINT, t: 1_775_003_600_000, v: 2, u: 'W' },
    ];
    expect(senmlWish(ms, at)).toMatchObject({ name: 'gesscon/7/', point: POINT, start: 1_775_000_000_000, step: HOUR });
    expect(senmlWish(pack, at).id).toBe(senmlWish(pack, at).id);
    expect(senmlWish(pack, at).id).not.toBe(senmlWish(ms, at).id);
    expect(() => senmlWish([{ n: 'other/thing', v: 1 }], at)).toThrow('set-point');
    expect(() => senmlWish([...pack, { t: 2000, v: 1 }], at)).toThrow('even step');
  });
});

describe('schedules that run', () => {
  let world: World;
  let schedules: Schedules;
  const told: [id: string, state: string][] = [];

  const begin = (): void => {
    schedules = new Schedules({
      clock: world.clock,
      arbiter: world.arbiter,
      holds: ({ principal }) => world.parties.has(principal),
      tell: (record: ScheduleRecord, stage: CommandStage) => {
        world.rows.set(keyOf(record.principal, record.id), record);
        told.push([record.id, stage.state]);
      },
    });
    world.due = () => schedules.due();
  };
  beforeEach(() => {
    told.length = 0;
    world = new World();
    world.party('ctl');
    world.party('owner', { authority: 'owner', priority: 50 });
    begin();
  });

  const schedule = (id: string, start: number, values: (number | null)[]): ScheduleRecord => {
    const now = world.clock.now();
    const until = start + values.length * HOUR;
    const record: ScheduleRecord = {
      ...{ principal: 'ctl', id, name: id, point: POINT, value: null, authority: 'controller', priority: 40 },
      ...{ received: now, until, lease: until - now, schedule: { start, step: HOUR, values } },
      stages: [{ state: 'accepted', t: now, value: null }],
    };
    world.rows.set(keyOf('ctl', id), record);
    return record;
  };
  const slots = (): unknown[] => world.device.writes.map(({ value }) => value);

  test('give value after value without a gap, and the default at the end', () => {
    const start = world.clock.now() + HOUR;
    schedules.add(schedule('a', start, [100, 200, 200, null, -300]));
    world.pass(HOUR - 10);
    expect(world.device.value).toBe(0);
    const seen: number[] = [];
    for (let i = 0; i < 6; i++) {
      world.pass(HOUR / 2);
      seen.push(world.device.value);
      world.pass(HOUR / 2);
    }
    expect(seen).toEqual([100, 200, 200, 0, -300, 0]);
    // the same value again is taken over, not written
    expect(slots()).toEqual([100, 200, -300]);
    expect(world.device.releases).toBe(2);
    expect(told).toEqual([['a', 'ended']]);
    const outcomes = world.told
      .filter(({ record }) => record.series === 'a')
      .filter(({ stage }) => stage.state === 'verified');
    expect(outcomes.map(({ record }) => record.slot)).toEqual([0, 1, 2, 4]);
  });

  test('that come late begin with the value that counts, and skip what is over', () => {
    schedules.add(schedule('a', world.clock.now() - 2.5 * HOUR, [1, 2, 3, 4]));
    world.pass(2000);
    expect(slots()).toEqual([3]);
  });

  test('of the next day follow the present one; a newer one over the same time supersedes', () => {
    const start = world.clock.now();
    schedules.add(schedule('today', start, [100, 100]));
    schedules.add(schedule('tomorrow', start + 2 * HOUR, [500, 500]));
    schedules.add(schedule('better', start + 2 * HOUR, [600, 600]));
    expect(told).toEqual([['tomorrow', 'superseded']]);
    world.pass(2 * HOUR + 2000);
    expect(world.device.value).toBe(600);
  });

  test('go on after core or device died, with their present value and after the default', () => {
    schedules.add(schedule('a', world.clock.now(), [100, 200]));
    world.pass(2000);
    world.crash();
    begin();
    for (const record of [...world.rows.values()] as CommandRecord[])
      if (isSchedule(record) && record.over !== true) schedules.add(record);
    world.deviceUp();
    world.pass(3000);
    expect(slots()).toEqual([100, 100]);
    expect(world.device.releases).toBe(1);
    expect(new Set(world.device.writes.map(({ id }) => id)).size).toBe(2);
    world.pass(HOUR);
    expect(world.device.value).toBe(200);
  });

  test('follow a clock that is set, give way to the stronger, and end with their grant', () => {
    schedules.add(schedule('a', world.clock.now(), [100, 200, 300]));
    world.pass(2000);
    world.clock.setWall(world.clock.now() + HOUR);
    world.pass(3000);
    expect(world.device.value).toBe(200);
    world.send('owner', { id: 'o', value: 900, for: 60_000 });
    world.pass(2000);
    expect(world.device.value).toBe(900);
    world.pass(60_000);
    expect(world.device.value).toBe(200);
    world.parties.delete('ctl');
    world.pass(3000);
    expect(told).toEqual([['a', 'cancelled']]);
    expect(world.device.value).toBe(0);
  });
});
