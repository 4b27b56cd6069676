import { Noise } from './noise.js';
import { House, type HouseOptions } from './house.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

interface Counted {
  readonly import: number;
  readonly export: number;
}

/** Registers of the connection and of each branch, Ws. */
function registers(house: House): { connection: Counted; branches: Map<string, Counted> } {
  const sum = (direction: 'import' | 'export'): number => house.meter[direction].day + house.meter[direction].night;
  return {
    connection: { import: sum('import'), export: sum('export') },
    branches: new Map(house.devices.map(({ name, meter }) => [name, { import: meter.import, export: meter.export }])),
  };
}

/** Runs a house, adding up what it shows each second, and compares that with what its meters counted. */
function balance(options: HouseOptions, days: number, each?: (house: House, t: number) => void): House {
  const house = new House(options);
  const before = registers(house);
  const seen = new Map(house.devices.map(({ name }) => [name, { import: 0, export: 0 }]));
  const connection = { import: 0, export: 0 };
  let apart = 0;
  const from = house.t;
  for (let t = from + 1000; t <= from + days * DAY; t += 1000) {
    each?.(house, t);
    house.step(t);
    const { power } = house.meter;
    if (power > 0) connection.import += power;
    else connection.export -= power;
    let sum = 0;
    for (const { name, meter } of house.devices) {
      const counted = seen.get(name)!;
      if (meter.power > 0) counted.import += meter.power;
      else counted.export -= meter.power;
      sum += meter.power;
    }
    if (sum !== power || house.phases[0]! + house.phases[1]! + house.phases[2]! !== power) apart++;
  }
  const after = registers(house);
  expect(apart).toBe(0);
  expect(after.connection.import - before.connection.import).toBe(connection.import);
  expect(after.connection.export - before.connection.export).toBe(connection.export);
  let net = 0;
  for (const [name, counted] of seen) {
    const [was, is] = [before.branches.get(name)!, after.branches.get(name)!];
    expect({ name, import: is.import - was.import, export: is.export - was.export }).toEqual({ name, ...counted });
    net += counted.import - counted.export;
  }
  expect(connection.import - connection.export).toBe(net);
  return house;
}

describe('energies of the house', () => {
  it.each([
    ['the week in which summer time begins', Date.UTC(2026, 2, 26)],
    ['the week in which it ends', Date.UTC(2026, 9, 22)],
    ['a fortnight in June', Date.UTC(2026, 5, 8)],
  ])('agree at every meter to the Ws over %s', (_name, start) => {
    const days = start === Date.UTC(2026, 5, 8) ? 14 : 7;
    const house = balance({ start }, days);
    for (const { name, meter } of house.devices) expect([name, meter.import + meter.export]).not.toEqual([name, 0]);
  });

  it('agree whatever set-points are given, and what is stored, driven and lost is all there', () => {
    const noise = new Noise(7, 'set-points');
    const start = Date.UTC(2026, 3, 1);
    const first = new House({ start });
    const [stored, fuel] = [first.battery!.energy, first.ev!.energy];
    const offset = { charged: first.battery!.charged, discharged: first.battery!.discharged, lost: first.battery!.lost, ac: first.battery!.meter.import - first.battery!.meter.export, charged2: first.ev!.charged, driven: first.ev!.driven }; // prettier-ignore
    const house = balance({ start }, 5, (each, t) => {
      if (t % 600_000 !== 0) return;
      const n = t / 600_000;
      each.battery!.setPower(noise.at(n) < 0.3 ? null : noise.between(n + 1e8, -9000, 9000));
      each.ev!.setCurrent(noise.at(n + 2e8) < 0.3 ? null : noise.between(n + 3e8, 0, 40));
      each.pv.setLimit(noise.at(n + 4e8) < 0.3 ? null : noise.between(n + 5e8, 0, 6000));
      each.ev!.plug(noise.at(n + 6e8) < 0.5 ? null : noise.at(n + 7e8) < 0.7);
    });
    const battery = house.battery!;
    const charged = battery.charged - offset.charged;
    const discharged = battery.discharged - offset.discharged;
    expect(battery.energy - stored).toBeCloseTo(charged - discharged, 2);
    const ac = battery.meter.import - battery.meter.export - offset.ac;
    expect(ac).toBeCloseTo(battery.energy - stored + battery.lost - offset.lost, 2);
    expect(battery.lost).toBeGreaterThan(offset.lost);
    const ev = house.ev!;
    expect(ev.energy - fuel).toBeCloseTo(ev.charged - offset.charged2 - (ev.driven - offset.driven), 2);
    for (const string of house.pv.strings) expect(string.energy).toBeGreaterThan(0);
    const dc = house.pv.strings.reduce((sum, string) => sum + string.energy, 0);
    expect(house.pv.energy).toBeLessThan(dc);
    expect(house.pv.energy).toBe(house.pv.meter.export);
  });

  it('has days of 23 and 25 hours where summer time begins and ends, with the tariffs of the wall clock', () => {
    for (const [start, hours] of [
      [Date.UTC(2026, 2, 28, 23), 23],
      [Date.UTC(2026, 9, 24, 22), 25],
    ] as const) {
      const house = new House({ start });
      expect(house.zone.dayStart(start)).toBe(start);
      expect(house.zone.dayStart(start + hours * HOUR)).toBe(start + hours * HOUR);
      const before = house.meter.import.day;
      house.step(start + hours * HOUR);
      // a Sunday: all of it is night tariff
      expect(house.meter.import.day).toBe(before);
    }
  });

  it('keeps 13 months of peaks as months go by, each the highest quarter of its own month', () => {
    const start = Date.UTC(2025, 11, 25);
    const house = new House({ start });
    const best = new Map<number, number>();
    let before = house.meter.wattHours('import');
    for (let t = start + 900_000; t <= start + 40 * DAY; t += 900_000) {
      const { closing } = house.meter.monthPeak;
      house.step(t);
      const now = house.meter.wattHours('import');
      best.set(closing, Math.max(best.get(closing) ?? 0, (now - before) * 4));
      before = now;
    }
    const { peaks } = house.meter;
    expect(peaks).toHaveLength(13);
    // December was nearly over when the house began; January is its own
    for (const { closing, watt } of peaks.slice(-1)) expect(watt).toBeCloseTo(best.get(closing)!, 3);
    for (const { closing, at } of peaks) {
      expect(at % 900_000).toBe(0);
      const { day, hour, minute } = house.zone.local(closing);
      expect([day, hour, minute]).toEqual([1, 0, 0]);
    }
    const starts = peaks.map(({ closing }) => closing);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(new Set(starts).size).toBe(13);
    expect(house.meter.monthPeak.watt).toBeCloseTo(best.get(house.meter.monthPeak.closing)!, 3);
  });
});
