import fc from 'fast-check';
import { EVERYTHING } from '../src/interval.js';
import { disturb, LONGEST, PARTIES, type Facts } from './history-facts.js';
import { look } from './history-rules.js';
import { HABITS, type Habit, type World } from './world.js';

class Step implements fc.Command<Facts, World> {
  constructor(
    private readonly name: string,
    private readonly act: (facts: Facts, world: World) => void,
  ) {}

  check(): boolean {
    return true;
  }

  run(facts: Facts, world: World): void {
    this.act(facts, world);
    look(facts, world);
  }

  toString(): string {
    return this.name;
  }
}

/** Lets time pass and looks each second, as a person who watches the device would. */
function watch(facts: Facts, world: World, ms: number): void {
  for (let left = ms; left > 0; left -= 1000) {
    world.pass(Math.min(left, 1000));
    look(facts, world);
  }
}

/** Of what a history is made mostly, so that most commands come as far as the device. */
function mostly<T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: rare, weight: 1 });
}

const send = fc
  .record({
    party: fc.constantFrom(...PARTIES),
    value: fc.option(mostly(fc.integer({ min: -1000, max: 2000 }), fc.integer({ min: -6000, max: 6000 })), {
      nil: undefined,
    }),
    limit: fc.integer({ min: 0, max: 4000 }),
    lease: fc.integer({ min: 1, max: LONGEST }),
    absolute: fc.boolean(),
    hb: mostly(fc.constant(undefined), fc.integer({ min: 100, max: 20_000 })),
    priority: mostly(fc.constant(undefined), fc.integer({ min: 0, max: 60 })),
    fate: fc.constantFrom('now', 'now', 'now', 'now', 'later', 'lost', 'twice'),
  })
  .map((wish) => {
    const act = (facts: Facts, world: World): void => {
      const { party, value, limit, lease, absolute, hb, priority, fate } = wish;
      const id = `c${facts.next++}`;
      const until = absolute ? world.clock.now() + lease : undefined;
      const deliver = (): void => {
        const grant = world.parties.get(party);
        disturb(facts, world);
        // no grant of these parties goes so far, however the clock was set meanwhile
        if (until !== undefined && until - world.clock.now() > LONGEST) return;
        // a command that the store did not take may come again, and its time begins then
        const isNew = !world.rows.has(`${party}\n${id}`) && world.arbiter.find(party, id) === undefined;
        if (isNew && grant !== undefined)
          facts.sent.set(id, {
            ...{ id, party, value, limit, until, between: grant.between, again: deliver },
            due: Math.max(
              facts.sent.get(id)?.due ?? 0,
              world.clock.monotonic() + (until === undefined ? lease : until - world.clock.now()),
            ),
          });
        world.send(party, {
          id,
          ...(value === undefined ? { min: -limit, max: limit } : { value }),
          ...(until === undefined ? { for: lease } : { until, for: undefined as never }),
          ...(hb === undefined ? {} : { hb }),
          ...(priority === undefined ? {} : { priority }),
        });
      };
      if (fate === 'later') facts.network.push(deliver);
      else if (fate !== 'lost') deliver();
      if (fate === 'twice') facts.network.push(deliver);
    };
    return new Step(`send ${JSON.stringify(wish)}`, act);
  });

const arrive = fc.nat(100).map(
  (n) =>
    new Step(`network gives ${n}`, ({ network }) => {
      network.splice(n % Math.max(1, network.length), 1)[0]?.();
    }),
);

const repeat = fc.nat(100).map(
  (n) =>
    new Step(`repeat ${n}`, ({ sent }) => {
      [...sent.values()][n % Math.max(1, sent.size)]?.again();
    }),
);

const cancel = fc.nat(100).map(
  (n) =>
    new Step(`cancel ${n}`, (facts, world) => {
      const known = [...facts.sent.values()][n % Math.max(1, facts.sent.size)];
      if (known !== undefined) world.arbiter.cancel(known.party, known.id);
      disturb(facts, world);
    }),
);

const pass = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 50, max: 70_000 })).map(
  (ms) =>
    new Step(`pass ${ms}`, (facts, world) => {
      watch(facts, world, ms);
    }),
);

const habit = fc.constantFrom(...HABITS).map(
  (next: Habit) =>
    new Step(`device does ${next}`, (facts, world) => {
      world.device.habit = next;
      disturb(facts, world);
    }),
);

const simple = (name: string, act: (facts: Facts, world: World) => void): fc.Arbitrary<Step> =>
  fc.constant(
    new Step(name, (facts, world) => {
      act(facts, world);
      disturb(facts, world);
    }),
  );

/** Steps are drawn with the same chance each. */
function often<T>(times: number, step: T): T[] {
  return Array.from({ length: times }, () => step);
}

const obey = simple('device does obey', (_facts, world) => (world.device.habit = 'obey'));
const back = simple('device is back', (_facts, world) => world.deviceUp());
const takes = simple('store takes', (_facts, world) => (world.storeFails = false));

const steps = [
  ...often(12, send),
  arrive,
  repeat,
  cancel,
  ...often(4, pass),
  habit,
  ...often(2, obey),
  simple('core dies', ({ sent }, world) => {
    // what a new core knows of the time that passed is the wall clock
    for (const known of sent.values()) {
      const record = world.rows.get(`${known.party}\n${known.id}`);
      const left = record === undefined ? 0 : Math.min(record.lease, record.until - world.clock.now());
      known.due = Math.max(known.due, world.clock.monotonic() + left);
    }
    world.crash();
  }),
  simple('device dies', (_facts, world) => world.deviceDown()),
  ...often(4, back),
  simple('process of the device restarts', (_facts, world) => {
    world.deviceDown();
    world.deviceUp();
  }),
  simple('device restarts with its process', (_facts, world) => {
    world.deviceDown();
    world.device.reset();
    world.deviceUp();
  }),
  fc.constantFrom(0, 60).map(
    (seconds) =>
      new Step(`device forgets, ${seconds} s pass`, (facts, world) => {
        world.device.forget();
        disturb(facts, world);
        watch(facts, world, seconds * 1000);
      }),
  ),
  simple('store refuses', (_facts, world) => (world.storeFails = true)),
  ...often(2, takes),
  simple('store is slow', (_facts, world) => (world.latency = 400)),
  simple('store is quick', (_facts, world) => (world.latency = 1)),
  simple('the site allows little', (_facts, world) => {
    world.hard = { min: -800, max: 600 };
    world.arbiter.revise('battery/power/setpoint');
  }),
  simple('the site allows all', (_facts, world) => {
    world.hard = EVERYTHING;
    world.arbiter.revise('battery/power/setpoint');
  }),
  fc.constantFrom(...PARTIES).map((party) => new Step(`beat ${party}`, (_facts, world) => world.arbiter.beat(party))),
  fc.integer({ min: -100_000, max: 100_000 }).map(
    (ms) =>
      new Step(`clock steps ${ms}`, (facts, world) => {
        world.clock.setWall(world.clock.now() + ms);
        disturb(facts, world);
      }),
  ),
];

/** A history of up to 40 steps. */
export const histories = fc.commands(steps, { maxCommands: 40, size: '+1' });
