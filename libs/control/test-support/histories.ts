import fc from 'fast-check';
import { COMMAND_OUTCOMES, type CommandOutcome } from '@smx-edge/model';
import { clamp, EVERYTHING } from '../src/interval.js';
import { HABITS, World, type Habit } from './world.js';

/**
 * Generated histories of an arbiter against rules that are written down apart from it: parties that send, repeat and
 * cancel, a network that loses and reorders, a store that is slow or refuses, a device with bad habits that also forgets in
 * the middle of a lease, deaths and restarts of core and device at any moment, clocks that step. No rule looks into the arbiter; all look at what parties were told, what
 * the store has and what reached the device.
 */

const PARTIES = ['ctl', 'esco', 'owner', 'dso'] as const;
type PartyName = (typeof PARTIES)[number];

/** Longest lease that is asked, ms. */
const LONGEST = 120_000;

/** What the rules know of a command: what was sent, and when. */
interface Sent {
  readonly id: string;
  readonly party: PartyName;
  readonly value: number | undefined;
  /** Where it has no value: W to both sides. */
  readonly limit: number;
  /** Monotonic end of its lease. */
  due: number;
  readonly until: number | undefined;
  readonly between: readonly [number, number];
  /** Sends it once more, as it was. */
  readonly again: () => void;
}

/** The reference: a list of facts, no machinery. */
export interface Facts {
  readonly sent: Map<string, Sent>;
  next: number;
  /** Monotonic time since which the device obeys and its world is quiet. */
  calm: number;
  /** Messages on their way, sent later or never. */
  readonly network: (() => void)[];
}

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

function disturb(facts: Facts, world: World): void {
  facts.calm = world.clock.monotonic();
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

export function begin(): { model: Facts; real: World } {
  const real = new World();
  real.party('ctl');
  real.party('esco', { priority: 20, between: [-1000, 2000] });
  real.party('owner', { authority: 'owner', priority: 50, between: [-5000, 5000] });
  real.party('dso', { authority: 'dso', priority: 50, between: [-5000, 5000] });
  return { model: { sent: new Map(), next: 0, calm: -Infinity, network: [] }, real };
}

function fault(what: string, detail: unknown): never {
  throw new RangeError(`${what}: ${JSON.stringify(detail)}`);
}

/** A slow or late device, and a mute one, is done with everything it was given after this, ms. */
const CALM = 45_000;

/** What must hold at every moment. */
function look({ sent, calm }: Facts, world: World): void {
  const now = world.clock.monotonic();
  if (world.device.habit !== 'obey' || !world.up || now - calm < CALM) return;
  const of = world.device.of;
  if (of === undefined) {
    if (world.device.value !== 0) fault('a value of nobody is on the device', world.device.value);
    return;
  }
  if (!sent.has(of)) fault('a command that nobody sent is on the device', of);
  const { hasForgotten, isTrue, value: shown } = world.device;
  const live = [...sent.values()].filter(({ id, due }) => now <= due + 1000 && now <= cancelledAt(world, id) + 1000);
  const isLimited = (watts: number): boolean =>
    live.some(({ value, limit }) => value === undefined && limit === Math.abs(shown) && Math.abs(watts) >= limit);
  // a newer command for the same value takes it over without a write
  const backed = live.some(
    ({ value }) =>
      value !== undefined &&
      (hasForgotten || !isTrue || world.storeFails || clamp(value, world.hard) === shown || isLimited(value)),
  );
  if (!backed) fault('what is on the device ended more than a second ago', { of, value: world.device.value, now });
  if (hasForgotten) forgotten(world);
}

/** What was verified and is lost is written again, or somebody is called. */
function forgotten(world: World): void {
  const last = world.told.findLast(({ record, stage }) => stage.state === 'applied' && record.limit === undefined);
  // its default is what it was told
  if (last === undefined || last.stage.value === world.device.value) return;
  const record = world.rows.get(`${last.record.principal}\n${last.record.id}`);
  if (record?.outcome !== 'verified' || record.over === true) return;
  const isCalled = world.alarms.findLast(({ code }) => code === 'command.lost')?.raised === true;
  if (!isCalled) fault('the device lost what was verified, and nobody wrote it again or called', record);
}

/** When its party was told that a command is cancelled. */
function cancelledAt(world: World, id: string): number {
  const over = world.told.find(({ record, stage }) => record.id === id && stage.reason === 'cancelled');
  return over?.mono ?? Infinity;
}

const isOutcome = (state: string): boolean => (COMMAND_OUTCOMES as readonly string[]).includes(state);

/** What must hold once everything is over: lets all leases end with a device that obeys, then looks at the whole history. */
export function conclude({ sent }: Facts, world: World): void {
  world.device.habit = 'obey';
  world.storeFails = false;
  world.latency = 1;
  world.pass(40_000);
  world.deviceUp();
  world.pass(2 * LONGEST);
  if (world.device.value !== 0) fault('the device is not at its default at the end', world.device);
  if (world.heldPoints.size > 0) fault('the store takes the device for held', [...world.heldPoints]);
  if (world.arbiter.size > 0) fault('commands are left', [...world.arbiter.open]);
  outcomes(world);
  writes(sent, world);
}

/** Each command that was kept has exactly one outcome, and nobody was ever told another. */
function outcomes(world: World): void {
  const told = new Map<string, Set<CommandOutcome>>();
  for (const { record, stage } of world.told)
    if (isOutcome(stage.state))
      told.set(record.id, (told.get(record.id) ?? new Set()).add(stage.state as CommandOutcome));
  for (const { id, outcome, over, stages } of world.rows.values()) {
    if (outcome === undefined || over !== true) fault('a command without an outcome', { id, stages });
    if (stages.filter(({ state }) => isOutcome(state)).length !== 1) fault('not exactly one outcome', { id, stages });
    for (const one of told.get(id) ?? []) if (one !== outcome) fault('another outcome was told', { id, one, outcome });
  }
}

/** Nothing reached the device twice, after its lease, out of bounds, or without being sent. */
function writes(sent: ReadonlyMap<string, Sent>, world: World): void {
  const sessions = new Map<string, number>();
  for (const { id, value, mono, wall, hard, session } of world.device.writes) {
    const known = sent.get(id) ?? fault('written without being sent', id);
    if (known.value === undefined) fault('a limit was written', known);
    if (mono >= known.due) fault('written after its lease', { known, mono });
    if (known.until !== undefined && wall >= known.until) fault('written after its time', { known, wall });
    if (mono > cancelledAt(world, id)) fault('written after it was cancelled', known);
    const [min, max] = known.between;
    if (Number(value) < Math.max(-5000, hard.min) || Number(value) > Math.min(5000, hard.max))
      fault('written out of the bounds of the site', { known, value, hard });
    if (known.value < min || known.value > max) fault('written outside of its grant', known);
    if ((sessions.get(id) ?? session) !== session) fault('executed again after a restart', known);
    sessions.set(id, session);
  }
}

/** Runs `runs` histories; throws with the shrunk one where a rule is broken. */
export function runHistories(runs: number, seed?: number): void {
  fc.assert(
    fc.property(histories, (history) => {
      const setup = begin();
      fc.modelRun(() => setup, history);
      conclude(setup.model, setup.real);
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}
