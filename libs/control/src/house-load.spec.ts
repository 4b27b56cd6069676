import { LiveTable } from '@smx-edge/datastore';
import { BAD, SampleBatch, VirtualClock, type PointDefinition } from '@smx-edge/model';
import { clamp, EVERYTHING, type Interval } from './interval.js';
import { SiteBounds } from './site-bounds.js';
import type { SiteLimits } from './site-limits.js';

/** A house with a meter, and batteries that follow what is left of what they are wanted to do, as the arbiter has them. */
class House {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 1));
  readonly live = new LiveTable({ clock: this.clock });
  readonly wanted = new Map<string, number>();
  readonly told = new Map<string, number>();
  readonly power = new Map<string, number>();
  /** How late a battery shows what it does, ms. */
  lag = 0;
  load = 0;
  writes = 0;
  highest = -Infinity;
  envelope: Interval = EVERYTHING;
  readonly bounds: SiteBounds;

  constructor(limits: SiteLimits, batteries: readonly string[] = ['battery']) {
    const envelope = (): Interval => this.envelope;
    this.bounds = new SiteBounds({
      ...{ live: this.live, limits, clock: this.clock },
      envelope: {
        get bounds() {
          return envelope();
        },
      },
      told: (point) => this.told.get(point),
      changed: (point) => this.revise(point),
    });
    for (const device of batteries) {
      this.declare(`${device}/power/setpoint`, 'setpoint');
      this.declare(`${device}/power`);
      this.power.set(device, 0);
      this.show(`${device}/power`, 0);
    }
  }

  declare(path: string, kind: PointDefinition['kind'] = 'measurement'): void {
    const device = path.split('/')[0]!;
    const setpoint = kind === 'setpoint' ? { setpoint: { min: -9000, max: 9000, default: 0 } } : {};
    this.live.declare({ path, device, instance: device, unit: 'W', type: 'number', kind, maxAge: 10_000, ...setpoint });
  }

  show(path: string, watts: number, quality = 0): void {
    const batch = new SampleBatch(1);
    batch.clear(this.clock.now());
    const i = batch.add(this.live.handleOf(path)!);
    batch.number[i] = watts;
    batch.quality[i] = quality;
    this.live.ingest(batch);
  }

  /** What the set-points of a device are bounded by. */
  of(device = 'battery'): { readonly hard: Interval; readonly envelope: Interval } {
    return this.bounds.of(this.live.definition(this.live.handleOf(`${device}/power/setpoint`)!));
  }

  want(device: string, watts: number): void {
    this.wanted.set(`${device}/power/setpoint`, watts);
    this.revise(`${device}/power/setpoint`);
  }

  get total(): number {
    return this.load + [...this.power.values()].reduce((sum, one) => sum + one, 0);
  }

  /** So many seconds with a reading of everything in each; what is highest at the meter is noted. */
  pass(seconds: number, noise: (second: number) => number = () => 0): void {
    for (let i = 0; i < seconds; i++) {
      this.show('pcc/power/active', this.total + noise(i));
      this.clock.advance(500);
      for (const [device, watts] of this.power) {
        if (this.lag === 0) this.show(`${device}/power`, watts);
        else this.clock.after(this.lag, () => this.show(`${device}/power`, watts));
      }
      this.clock.advance(500);
      this.highest = Math.max(this.highest, this.total);
    }
  }

  private revise(point: string): void {
    const wanted = this.wanted.get(point);
    if (wanted === undefined) return;
    const device = point.split('/')[0]!;
    const { hard, envelope } = this.of(device);
    const next = clamp(clamp(wanted, envelope), hard);
    if (next === this.told.get(point)) return;
    this.writes++;
    this.told.set(point, next);
    this.power.set(device, next);
  }
}

let house: House;

function open(limits: SiteLimits, batteries?: readonly string[]): House {
  house = new House(limits, batteries);
  return house;
}

function metered(limits: SiteLimits, batteries?: readonly string[]): House {
  open(limits, batteries).declare('pcc/power/active');
  return house;
}

afterEach(() => {
  house.bounds.close();
  house.live.close();
});

test('a set-point takes what the house leaves of the connection, and keeps it once the meter shows both', () => {
  metered({ import: 6000 });
  house.load = 4000;
  house.pass(3);
  house.want('battery', 5000);
  expect(house.power.get('battery')).toBe(2000);
  house.pass(120);
  expect(house.power.get('battery')).toBe(2000);
  expect(house.writes).toBe(1);
  expect(house.highest).toBe(6000);
});

test.each([200, 900, 1800])('a device that shows %d ms late what it does is not led to and fro', (lag) => {
  metered({ import: 6000 });
  house.lag = lag;
  house.load = 4000;
  house.pass(3);
  house.want('battery', 5000);
  house.pass(120);
  expect(house.power.get('battery')).toBe(2000);
  expect(house.writes).toBe(1);
});

test('more of the house bounds at the next reading, less of it after a while', () => {
  metered({ import: 6000 });
  house.load = 1000;
  house.pass(3);
  house.want('battery', 5000);
  house.pass(10);
  house.load = 3500;
  house.pass(1);
  expect(house.power.get('battery')).toBe(2500);
  house.pass(10);
  house.load = 1000;
  house.pass(40);
  expect(house.power.get('battery')).toBe(5000);
});

test('the swings of an oven write seldom, and the connection holds', () => {
  metered({ import: 6000 });
  house.load = 2000;
  house.pass(3);
  house.want('battery', 5000);
  house.pass(10);
  for (let minute = 0; minute < 10; minute++) {
    house.load = 4000;
    house.pass(7);
    house.load = 2000;
    house.pass(7);
  }
  expect(house.writes).toBeLessThan(5);
});

test('noise of the meter does not wear the device', () => {
  metered({ import: 6000 });
  house.load = 4000;
  house.pass(3);
  house.want('battery', 5000);
  house.pass(600, (second) => ((second * 7919) % 41) - 20);
  expect(house.power.get('battery')).toBeGreaterThan(1950);
  expect(house.writes).toBeLessThan(20);
});

test('two set-points never share one rest: what the first was told counts before the meter shows it', () => {
  metered({ import: 6000 }, ['battery', 'heater']);
  house.load = 3000;
  house.pass(3);
  house.want('battery', 2000);
  house.want('heater', 5000);
  expect([...house.power.values()]).toEqual([2000, 1000]);
  house.pass(60);
  expect([...house.power.values()]).toEqual([2000, 1000]);
  expect(house.writes).toBe(2);
  house.want('battery', 500);
  house.pass(60);
  expect([...house.power.values()]).toEqual([500, 2500]);
  expect(house.highest).toBe(6000);
});

test('what the roof injects bounds discharge as well, and gives charging no more than the connection', () => {
  metered({ import: 6000, export: 5000 });
  house.load = -3000;
  house.pass(3);
  expect(house.of().hard).toEqual({ min: -2000, max: 6000 });
});

test('a house over its limit leaves nothing and forces nobody', () => {
  metered({ import: 6000, export: 5000 });
  house.load = 7000;
  house.pass(3);
  expect(house.of().hard).toEqual({ min: -5000, max: 0 });
});

test('an envelope of the grid counts the house as the limits of the config do', () => {
  metered({ import: 9200 });
  house.load = 3000;
  house.envelope = { min: -Infinity, max: 4200 };
  house.pass(3);
  expect(house.of()).toEqual({ hard: { min: -Infinity, max: 6200 }, envelope: { min: -Infinity, max: 1200 } });
});

describe('a meter that is not read leaves nothing in the direction of a limit', () => {
  test('before its first reading, when it is bad, and when it grows stale in the middle of a command', () => {
    metered({ import: 6000 });
    expect(house.of().hard).toEqual({ min: -Infinity, max: 0 });
    house.load = 1000;
    house.pass(3);
    house.want('battery', 3000);
    house.show('pcc/power/active', 4000, BAD);
    expect(house.power.get('battery')).toBe(0);
    house.pass(3);
    expect(house.power.get('battery')).toBe(3000);
    house.clock.advance(10_001);
    expect(house.power.get('battery')).toBe(0);
  });

  test('also where the one that the config names is not there at all', () => {
    open({ import: 6000, meter: 'grid' });
    expect(house.of().hard).toEqual({ min: -Infinity, max: 0 });
    house.declare('grid/power/active');
    house.show('grid/power/active', 2000);
    expect(house.of().hard).toEqual({ min: -Infinity, max: 4000 });
  });

  test('a site without a meter is bounded by its limits alone', () => {
    open({ import: 6000, export: 5000 });
    expect(house.of().hard).toEqual({ min: -5000, max: 6000 });
  });
});
