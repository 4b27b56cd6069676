import { Battery } from './battery.js';
import { House } from './house.js';

/** Sunny forenoon in June. */
const SUMMER = Date.UTC(2026, 5, 20, 9);
const WINTER = Date.UTC(2026, 0, 14, 0);
const HOUR = 3_600_000;

/** Steps second by second until `done`, at most `limit` ms. */
function until(house: House, done: () => boolean, limit = 48 * HOUR): void {
  const end = house.t + limit;
  while (!done() && house.t < end) house.step(house.t + 1000);
  expect(done()).toBe(true);
}

describe('battery', () => {
  it('follows a set-point with its ramp, within its power, until that is taken back', () => {
    const house = new House({ start: SUMMER, battery: { soc: 50, power: 5000, reserve: 0 } });
    const battery = house.battery!;
    expect(battery.setPower(3000)).toBe(3000);
    house.step(house.t + 10_000);
    expect(battery.meter.power).toBe(3000);
    expect(battery.state).toBe('charging');
    expect(battery.setPower(-99_000)).toBe(-5000);
    const before = battery.meter.power;
    house.step(house.t + 1000);
    expect(before - battery.meter.power).toBe(1000);
    house.step(house.t + 10_000);
    expect(battery.meter.power).toBe(-5000);
    battery.setPower(null);
    house.step(house.t + 20_000);
    // its own control keeps the connection near zero
    expect(Math.abs(house.meter.power)).toBeLessThan(300);
    expect(battery.wanted).toBeNull();
  });

  it('stops at full and at its reserve, taking less and less on the way up', () => {
    const house = new House({ start: SUMMER, battery: { soc: 90, capacity: 4000, power: 4000, reserve: 10 } });
    const battery = house.battery!;
    battery.setPower(4000);
    until(house, () => battery.soc > 97);
    expect(battery.meter.power).toBeLessThan(4000);
    expect(battery.meter.power).toBeGreaterThan(100);
    until(house, () => battery.state === 'full');
    expect(battery.soc).toBeLessThanOrEqual(100);
    expect(battery.soc).toBeGreaterThan(99.9);
    battery.setPower(-4000);
    until(house, () => battery.state === 'empty');
    expect(battery.soc).toBeGreaterThanOrEqual(10);
    expect(battery.soc).toBeLessThan(10.1);
    house.step(house.t + HOUR);
    expect(battery.soc).toBeGreaterThanOrEqual(10);
    // its electronics go on
    expect(battery.meter.power).toBe(8);
  });

  it('gives back what its efficiency leaves', () => {
    const battery = new Battery({ soc: 20, efficiency: 0.9, phases: [1] });
    const moment = { t: 0, day: 0, second: 0, outdoors: 10, voltage: new Float64Array(3), net: 0 };
    const run = (watt: number, seconds: number): void => {
      battery.setPower(watt);
      for (let i = 0; i < seconds; i++) {
        battery.step(moment);
        battery.meter.count();
      }
    };
    const start = battery.energy;
    run(4000, 1800);

    run(-4000, 4000);
    const taken = battery.charged / 0.9;
    const given = battery.meter.export;
    expect(battery.meter.watt[0]).toBe(0);
    expect(given - (start - battery.energy) * 0.9).toBeCloseTo(taken * 0.81, 0);
    expect(battery.discharged * 0.9).toBeCloseTo(given, 3);
  });

  it('refuses what is no number', () =>
    expect(() => new Battery().setPower(NaN)).toThrow(expect.objectContaining({ code: 'SMX_SIMULATOR_SETPOINT' })));
});

describe('electric car', () => {
  const home = (): House => {
    const house = new House({ start: WINTER, ev: { until: 95 } });
    house.ev!.plug(true);
    house.step(house.t + 60_000);
    return house;
  };

  it('takes the current it is offered on each phase, at the voltage there is', () => {
    const house = home();
    const ev = house.ev!;
    expect(ev.setCurrent(13)).toBe(13);
    house.step(house.t + 20_000);
    expect(ev.status).toBe('charging');
    expect(ev.current).toBe(13);
    for (let phase = 0; phase < 3; phase++)
      expect(Math.abs(ev.meter.watt[phase]! - house.grid.voltage[phase]! * 13 * 0.99)).toBeLessThan(15);
    expect(ev.setCurrent(80)).toBe(16);
    house.step(house.t + 1000);
    expect(ev.current).toBe(15);
    house.step(house.t + 5000);
    expect(ev.current).toBe(16);
  });

  it('stops at once below 6 A and goes on when there is more', () => {
    const house = home();
    const ev = house.ev!;
    ev.setCurrent(5.9);
    house.step(house.t + 1000);
    expect([ev.offered, ev.current, ev.meter.power, ev.status]).toEqual([0, 0, 0, 'waiting']);
    ev.setCurrent(6);
    house.step(house.t + 5000);
    expect(ev.current).toBe(6);
    ev.plug(false);
    house.step(house.t + 1000);
    expect([ev.status, ev.meter.power]).toEqual(['unplugged', 0]);
    ev.plug(true);
    house.step(house.t + 2000);
    expect(ev.session).toBeLessThan(20_000);
  });

  it('ends when it is full, and drives off and comes home emptier', () => {
    const house = new House({ start: Date.UTC(2026, 0, 12, 0), ev: { until: 80, offered: 16 } });
    const ev = house.ev!;
    ev.plug(true);
    until(house, () => ev.status === 'full');
    expect(ev.soc).toBeGreaterThanOrEqual(80);
    expect(ev.soc).toBeLessThan(80.1);
    const seen = new Set<string>();
    let least = 100;
    for (let t = house.t; t < Date.UTC(2026, 0, 19); t += 60_000) {
      house.step(t);
      seen.add(ev.status);
      least = Math.min(least, ev.soc);
      if (ev.status === 'away') expect(ev.meter.power).toBe(0);
    }
    expect([...seen].sort()).toEqual(expect.arrayContaining(['away', 'charging', 'full']));
    expect(least).toBeLessThan(78);
    expect(ev.driven).toBeGreaterThan(0);
  });
});

describe('PV plant', () => {
  it('has strings that follow the sun: east first, west last, none at night', () => {
    const house = new House({
      start: Date.UTC(2026, 5, 21, 0),
      pv: {
        strings: [
          { plane: { tilt: 40, azimuth: 90 }, peak: 2400 },
          { plane: { tilt: 40, azimuth: 270 }, peak: 2400 },
        ],
        phases: [0, 1, 2],
      },
    });
    const [east, west] = house.pv.strings;
    expect([house.pv.power, east!.voltage, east!.current]).toEqual([0, 0, 0]);
    house.step(Date.UTC(2026, 5, 21, 10));
    const morning = [east!.energy, west!.energy];
    expect(morning[0]).toBeGreaterThan(1.2 * morning[1]!);
    house.step(Date.UTC(2026, 5, 21, 20));
    expect(west!.energy - morning[1]!).toBeGreaterThan(1.2 * (east!.energy - morning[0]!));
    house.step(Date.UTC(2026, 5, 22, 10));
    expect(east!.voltage).toBeGreaterThan(150);
    expect(east!.voltage * east!.current).toBeCloseTo(east!.power, 6);
    const { watt } = house.pv.meter;
    expect(watt[0]! + watt[1]! + watt[2]!).toBe(-house.pv.power);
    expect(Math.abs(watt[0]! - watt[1]!)).toBeLessThan(3);
  });

  it('keeps its limit and says what it could have given', () => {
    const free = new House({ start: SUMMER });
    const house = new House({ start: SUMMER });
    expect(house.pv.setLimit(500)).toBe(500);
    for (const each of [free, house]) each.step(SUMMER + 1000);
    expect(free.pv.power).toBeGreaterThan(600);
    expect(house.pv.power).toBe(500);
    expect(house.pv.curtailed).toBe(free.pv.power - 500);
    const dc = house.pv.strings.reduce((sum, { power }) => sum + power, 0);
    expect(dc).toBeGreaterThan(500);
    expect(dc).toBeLessThan(540);
    expect(house.pv.setLimit(-20)).toBe(0);
    house.step(SUMMER + 2000);
    expect(house.pv.power).toBe(0);
    expect(house.pv.setLimit(1e6)).toBe(house.pv.nominal);
    house.pv.setLimit(null);
    for (const each of [free, house]) each.step(SUMMER + 3000);
    expect(house.pv.power).toBe(free.pv.power);
  });

  it('gives in a fortnight of June what a roof in Flanders gives', () => {
    const house = new House({ start: Date.UTC(2025, 5, 1), battery: false, ev: false, heatPump: false });
    house.step(Date.UTC(2025, 5, 15));
    // 4.8 kWp to south and west: 3 to 6 kWh a kWp and day
    expect(house.pv.energy / 3.6e6 / 4.8 / 14).toBeGreaterThan(3);
    expect(house.pv.energy / 3.6e6 / 4.8 / 14).toBeLessThan(6);
  });
});

describe('heating', () => {
  it('keeps the rooms warm through a winter week, with more electricity the colder it is', () => {
    const house = new House({ start: WINTER });
    const { heating } = house;
    let [heat, electric] = [0, 0];
    for (let t = WINTER; t < WINTER + 168 * HOUR; t += 60_000) {
      house.step(t);
      expect(heating.indoors).toBeGreaterThan(17.5);
      expect(heating.indoors).toBeLessThan(22);
      heat += heating.pumpHeat;
      electric += heating.meter.power;
    }
    expect(heat / electric).toBeGreaterThan(2.2);
    expect(heat / electric).toBeLessThan(5);
    const summer = new House({ start: SUMMER });
    const before = summer.heating.meter.import;
    summer.step(SUMMER + 168 * HOUR);
    expect(summer.heating.meter.import - before).toBeLessThan(0.1 * heating.meter.import);
  });

  it('is all gas where there is no pump', () => {
    const house = new House({ start: WINTER, heatPump: false });
    house.step(WINTER + 24 * HOUR);
    expect(house.heating.meter.import).toBe(0);
    expect(house.heating.indoors).toBeGreaterThan(17.5);
  });
});

describe('connection', () => {
  it('tells by the angle of each phase whether it takes or gives', () => {
    const house = new House({ start: SUMMER, battery: false, ev: false, heatPump: false });
    house.step(SUMMER + 1000);
    for (let phase = 0; phase < 3; phase++) {
      const angle = (house.grid.angle(phase) * Math.PI) / 180;
      const apparent = house.grid.voltage[phase]! * house.grid.current[phase]!;
      expect(apparent * Math.cos(angle)).toBeCloseTo(house.phases[phase]!, 6);
      expect(apparent * Math.sin(angle)).toBeCloseTo(house.reactive[phase]!, 6);
    }
    expect(Math.abs(house.grid.angle(0))).toBeGreaterThan(90);
    expect(house.grid.frequency).toBeGreaterThan(49.9);
    expect(house.grid.frequency).toBeLessThan(50.1);
  });

  it('starts at any date of fifty years with registers that fit their fields', () => {
    for (let year = 1995; year < 2046; year += 5) {
      const house = new House({ start: Date.UTC(year, 6, 1, 0, 5) });
      for (const watt of [house.meter.import.day, house.meter.import.night, house.meter.export.day]) {
        expect(watt).toBeGreaterThan(0);
        expect(watt / 3.6e6).toBeLessThan(999_999);
      }
    }
  });
});
