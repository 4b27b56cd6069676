import { House } from './house.js';
import type { Load } from './load.js';
import { sunPosition } from './sun.js';

const WINTER = Date.UTC(2026, 0, 14, 3, 7, 11);
const SUMMER = Date.UTC(2026, 5, 20, 4);
const DAY = 86_400_000;
/** Nothing but base load, appliances and PV. */
const PLAIN = { battery: false, ev: false, heatPump: false } as const;

const registers = (house: House): number[] => [
  house.meter.import.day,
  house.meter.import.night,
  house.meter.export.day,
  house.meter.export.night,
  house.gas.captured.litres,
  house.grid.voltage[0]!,
  house.pv.energy,
  house.battery!.energy,
  house.ev!.energy,
  house.heating.indoors,
  house.water.litres,
];

describe('house', () => {
  it('counts exactly the power it shows, over three days of sun and night', () => {
    const house = new House({ start: SUMMER, ...PLAIN });
    const before = { import: house.meter.wattHours('import'), export: house.meter.wattHours('export') };
    let taken = 0;
    let given = 0;
    let phases = 0;
    for (let t = SUMMER + 1000; t <= SUMMER + 3 * DAY; t += 1000) {
      house.step(t);
      if (house.meter.power > 0) taken += house.meter.power;
      else given -= house.meter.power;
      phases += house.phases[0]! + house.phases[1]! + house.phases[2]!;
    }
    expect(house.meter.wattHours('import') - before.import).toBeCloseTo(taken / 3600, 6);
    expect(house.meter.wattHours('export') - before.export).toBeCloseTo(given / 3600, 6);
    expect(phases).toBe(taken - given);
    // a family takes 5 to 15 kWh a day; in June the roof gives more than the nights take
    expect(taken / 3.6e6).toBeGreaterThan(5);
    expect(taken / 3.6e6).toBeLessThan(45);
    expect(given).toBeGreaterThan(taken);
  });

  it('gives the same day for the same seed, however it was stepped, and another for another seed', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => new House({ start: WINTER, seed }));
    a!.step(WINTER + DAY / 4);
    for (let t = WINTER; t <= WINTER + DAY / 4; t += 7777) b!.step(t);
    b!.step(WINTER + DAY / 4);
    c!.step(WINTER + DAY / 4);
    expect(registers(a!)).toEqual(registers(b!));
    expect(registers(a!)).not.toEqual(registers(c!));
  });

  it('goes on where it was when it is started again later, and never behind', () => {
    const first = new House({ start: SUMMER });
    first.step(SUMMER + DAY / 3);
    expect(registers(new House({ start: SUMMER + DAY / 3 }))).toEqual(registers(first));
    first.step(SUMMER + 2 * DAY);
    const later = new House({ start: SUMMER + 2 * DAY });
    const counters = ({ meter, gas, water }: House): number[] => [meter.import.day, meter.import.night, meter.export.day, meter.export.night, gas.litres, water.litres]; // prettier-ignore
    const before = counters(first);
    counters(later).forEach((value, i) => expect(value).toBeGreaterThanOrEqual(before[i]!));
    expect(later.meter.monthPeak.watt).toBeGreaterThan(1800);
    // a month later the same months have the same peaks
    const next = new House({ start: SUMMER + 20 * DAY }).meter.peaks;
    expect(later.meter.peaks.slice(1)).toEqual(next.slice(0, 12));
  });

  it('has a quarter demand that ramps and ends at four times the energy of the quarter, and the month peak is the greatest', () => {
    const start = Date.UTC(2026, 0, 31, 22, 0, 0);
    const house = new House({ start });
    const ends: { at: number; watt: number }[] = [];
    let at = house.meter.wattHours('import');
    for (let t = start + 1000; t <= start + DAY / 2; t += 1000) {
      const running = house.meter.demand;
      house.step(t);
      if (t % 900_000 !== 0) expect(house.meter.demand).toBeGreaterThanOrEqual(running);
      else {
        expect(house.meter.demand).toBe(0);
        ends.push({ at: t, watt: (house.meter.wattHours('import') - at) * 4 });
        at = house.meter.wattHours('import');
      }
    }
    // 23:00 UTC is midnight in Brussels: January closes there and February has its own peak
    const february = ends.filter((end) => end.at > Date.UTC(2026, 0, 31, 23));
    const best = february.reduce((a, b) => (b.watt > a.watt + 1e-6 ? b : a));
    expect(house.meter.monthPeak.at).toBe(best.at);
    expect(house.meter.monthPeak.watt).toBeCloseTo(best.watt, 3);
    expect(house.meter.monthPeak.closing).toBe(Date.UTC(2026, 1, 28, 23));
    expect(house.meter.peaks).toHaveLength(13);
    expect(house.meter.peaks.at(-1)!.closing).toBe(Date.UTC(2026, 0, 31, 23));
    for (const peak of house.meter.peaks) expect(peak.at % 900_000).toBe(0);
  });

  it('takes the tariff from local time, also after the change to summer time', () => {
    const house = new House({ start: Date.UTC(2026, 2, 27, 5, 59, 59) });
    expect(house.meter.day).toBe(false);
    house.step(Date.UTC(2026, 2, 27, 6));
    expect(house.meter.day).toBe(true);
    house.step(Date.UTC(2026, 2, 30, 4, 59));
    expect(house.meter.day).toBe(false);
    house.step(Date.UTC(2026, 2, 30, 5));
    expect(house.meter.day).toBe(true);
  });

  it('lets voltage fall with load, rise with injection, and currents fit power', () => {
    const start = Date.UTC(2026, 5, 20, 11);
    const drawing = new House({ start, ...PLAIN, pv: 0 });
    const heater: Load = { name: 'heater', add: (_moment, into) => void (into.watt[1]! += 6000) };
    const plain = new House({ start, ...PLAIN, pv: 0 });
    drawing.add(heater);
    drawing.step(start + 1000);
    plain.step(start + 1000);
    expect(plain.grid.voltage[1]! - drawing.grid.voltage[1]!).toBeGreaterThan(4);
    expect(plain.grid.voltage[0]).toBe(drawing.grid.voltage[0]);
    expect(drawing.grid.current[1]).toBeGreaterThan(6000 / 240);
    const sunny = new House({ start, ...PLAIN });
    sunny.step(start + 1000);
    expect(sunny.grid.voltage[0]).toBeGreaterThan(plain.grid.voltage[0]!);
  });

  it('reads gas on five minutes, never backwards, and burns more in winter', () => {
    const burnt = [WINTER, SUMMER].map((start) => {
      const house = new House({ start, heatPump: false });
      const before = house.gas.litres;
      let last = house.gas.captured;
      for (let t = start; t <= start + DAY; t += 60_000) {
        house.step(t);
        expect(house.gas.captured.t % 300_000).toBe(0);
        expect(house.gas.captured.litres).toBeGreaterThanOrEqual(last.litres);
        expect(house.t - house.gas.captured.t).toBeLessThan(300_000);
        last = house.gas.captured;
      }
      return house.gas.litres - before;
    });
    expect(burnt[0]).toBeGreaterThan(2000);
    expect(burnt[1]).toBeGreaterThan(100);
    expect(burnt[0]).toBeGreaterThan(3 * burnt[1]!);
  });

  it('puts the sun where the almanac has it', () => {
    const place = { latitude: 51.05, longitude: 3.72 };
    const plane = { tilt: 35, azimuth: 180 };
    const height = (t: number): number => (Math.asin(sunPosition(t, place, plane).height) * 180) / Math.PI;
    // solstices at local noon: 90 - latitude ± 23.44
    expect(height(Date.UTC(2026, 5, 21, 11, 47))).toBeCloseTo(62.39, 1);
    expect(height(Date.UTC(2026, 11, 21, 11, 43))).toBeCloseTo(15.51, 1);
    expect(height(Date.UTC(2026, 5, 21, 0))).toBeLessThan(0);
    // in the morning the sun stands east: a plane to the east sees it, one to the west does not
    const morning = Date.UTC(2026, 5, 21, 6);
    const steep = { tilt: 90, azimuth: 90 };
    expect(sunPosition(morning, place, steep).incidence).toBeGreaterThan(0.5);
    expect(sunPosition(morning, place, { ...steep, azimuth: 270 }).incidence).toBeLessThan(0);
  });
});
