import { LoadFeed } from '../../test-support/load-feed.js';

/** Makes an inverter hold the sum of the phases at zero, in `phases`, `delay` seconds after each change. */
class HeldHouse {
  readonly feed = LoadFeed.begin();

  constructor(
    private readonly phases: readonly number[] = [0, 1, 2],
    private readonly delay = 1,
  ) {}

  /** Adds a load of so many W and var to each of `on`, and lets `seconds` pass. */
  add(watt: number, on: readonly number[], { vars = 0, seconds = 8 } = {}): this {
    for (const phase of on) this.feed.add(watt, phase, vars);
    this.feed.run(this.delay);
    return this.answer(watt * on.length).wait(seconds);
  }

  answer(watt: number): this {
    for (const phase of this.phases) this.feed.add(-watt / this.phases.length, phase);
    return this;
  }

  wait(seconds: number): this {
    this.feed.run(seconds);
    return this;
  }

  /** It begins to hold, for so long that it is known; one phase has more than the others. */
  begin(): this {
    this.feed.add(450, 1).run(3);
    return this.answer(1050).wait(700);
  }
}

const running = ({ feed }: HeldHouse): unknown[] =>
  feed.loads.appliances.filter(({ isOn }) => isOn).map(({ phases, power }) => [phases.join(' '), Math.round(power)]);

it.each([0, 1, 4])(
  'takes an appliance for one of its phase where a battery answers it in all three after %d s',
  (delay) => {
    const house = new HeldHouse([0, 1, 2], delay);
    for (let k = 0; k < 3; k++) house.add(2100, [0]).add(-2100, [0]);
    expect(house.feed.known).toEqual([['l1', 2100, 3, false]]);
    expect(house.feed.steps.map(({ power }) => Math.round(power))).toEqual([2100, -2100, 2100, -2100, 2100, -2100]);
  },
);

it('takes two phases that switch alike for two appliances, not for a part of three', () => {
  const house = LoadFeed.begin().add(1500, 0).add(1500, 1).run(4);
  expect(house.known).toEqual([
    ['l1', 1500, 1, true],
    ['l2', 1500, 1, true],
  ]);
});

it('takes what a held connection does in three phases without reactive power for the inverter, and takes back what it took it for before', () => {
  const house = new HeldHouse();
  house.feed.add(900, 0).add(900, 1).add(900, 2).run(4);
  expect(running(house)).toEqual([['l1 l2 l3', 2700]]);
  house.feed.add(-900, 0).add(-900, 1).add(-900, 2).run(4);
  house.begin();
  // before that was known, less was measured than it takes
  expect(house.feed.known).toEqual([['l2', 450, 1, false]]);
  house.answer(-2400).wait(4);
  expect(house.feed.known).toEqual([['l2', 450, 1, false]]);
  expect(house.feed.loads.keep().isHeld).toBe(true);
});

it('knows a car by its reactive power where a battery answers a part of it, and counts what its end shows', () => {
  const house = new HeldHouse().begin();
  const charge = (answered: number): number => {
    const before = house.feed.loads.appliances.find(({ phases }) => phases.length === 3)?.energy ?? 0;
    for (const phase of [0, 1, 2]) house.feed.add(2300, phase, 320);
    house.answer(answered).wait(600).answer(-answered).wait(10);
    for (const phase of [0, 1, 2]) house.feed.add(-2300, phase, -320);
    house.wait(10);
    const car = house.feed.loads.appliances.find(({ phases }) => phases.length === 3)!;
    expect(car.isOn).toBe(false);
    expect(Math.round(car.power)).toBe(6900);
    return car.energy - before;
  };
  for (const answered of [5000, 4200])
    expect(Math.abs(charge(answered) / ((6900 * 610) / 3600) - 1)).toBeLessThan(0.02);
  expect(house.feed.loads.appliances.filter(({ phases }) => phases.length === 3)).toHaveLength(1);
});

it('tells nothing of the one phase in which an inverter answers, and goes on so with what is kept', () => {
  const house = new HeldHouse([0]).begin();
  for (let k = 0; k < 5; k++) house.add(90, [2], { vars: 40 }).add(-90, [2], { vars: -40 });
  house.add(1200, [1]).add(-1200, [1]);
  const singles = house.feed.loads.appliances.map(({ phases }) => phases.join(' '));
  expect(singles).not.toContain('l1');
  expect(singles).toContain('l3');
  const kept = house.feed.loads.keep();
  expect(kept.inverter).toBe('l1');
  const later = LoadFeed.begin(kept).add(700, 0).run(4).add(700, 1).run(4);
  expect(later.steps.map(({ phases }) => phases.join(' '))).toEqual(['l2']);
});

it.each([
  ['it is measured', false],
  ['an inverter answers what it takes', true],
])('follows what modulates its power, and sees its end by another power than its begin, where %s', (_what, isHeld) => {
  const house = new HeldHouse();
  if (isHeld) house.begin();
  const change = (watt: number): void => {
    house.feed.add(watt, 1, 0.3 * watt);
    if (isHeld) house.answer(watt);
    house.wait(20);
  };
  change(800);
  for (let k = 0; k < 100; k++) change(-5);
  const pump = house.feed.loads.appliances.find(({ reactive }) => reactive > 100)!;
  expect(Math.abs(pump.drawn - 300)).toBeLessThan(60);
  change(-300);
  expect(pump.isOn).toBe(false);
  expect(pump.energy / ((550 * 2020) / 3600)).toBeGreaterThan(0.9);
  expect(pump.energy / ((550 * 2020) / 3600)).toBeLessThan(1.12);
  expect(pump.confidence).toBeGreaterThan(0.8);
});

it('ends what takes reactive power and was missed, where active power says nothing', () => {
  const house = new HeldHouse().begin().add(800, [2], { vars: 240 });
  expect(running(house)).toContainEqual(['l3', 800]);
  house.feed.more = { lost: 0.5 };
  house.add(-800, [2], { vars: -240, seconds: 1 });
  house.feed.more = {};
  house.wait(20);
  expect(running(house)).not.toContainEqual(['l3', 800]);
});
