import { Zone } from '@smx-edge/model';
import { GridMeter, pastOf, type Past } from '../house/index.js';
import { isSummer, MeterMemory } from './memory.js';

const QUARTER = 900_000;
const HOUR = 4 * QUARTER;
const zone = new Zone('Europe/Brussels');
/** Clocks go back at 1 h UTC. */
const CHANGE = Date.UTC(2026, 9, 25, 1);
const POWER_DOWN = 0x80;
const EMPTY: Past = { zone, quarters: [], outages: [] };

const meter = (): GridMeter => new GridMeter({ seed: 1, t: zone.dayStart(CHANGE), zone });

describe('what a meter remembers', () => {
  it('tells the hour that comes twice apart, and writes down that clocks changed', () => {
    const memory = new MeterMemory(EMPTY, 100);
    for (let end = CHANGE - HOUR; end <= CHANGE + HOUR; end += QUARTER) memory.quarter(end, meter());
    const wall = memory.rows.map(({ end, offset }) => new Date(end + offset).toISOString().slice(11, 16));
    expect(wall).toEqual(['02:00', '02:15', '02:30', '02:45', '02:00', '02:15', '02:30', '02:45', '03:00']);
    expect(memory.rows.map(({ status }) => isSummer(status))).toEqual([true, true, true, true, false, false, false, false, false]); // prettier-ignore
    expect(memory.events).toEqual([{ t: CHANGE, what: 'clock-change' }]);
  });

  it('keeps no row of a quarter hour that ended without power, and marks the next', () => {
    const memory = new MeterMemory(EMPTY, 100);
    memory.quarter(CHANGE + QUARTER, meter());
    memory.powerDown(CHANGE + QUARTER + 1000);
    memory.quarter(CHANGE + 2 * QUARTER, meter());
    memory.powerUp(CHANGE + 2 * QUARTER + 1000);
    memory.quarter(CHANGE + 3 * QUARTER, meter());
    memory.quarter(CHANGE + 4 * QUARTER, meter());
    expect(memory.rows.map(({ end, status }) => [(end - CHANGE) / QUARTER, status & POWER_DOWN])).toEqual([
      [1, 0],
      [3, POWER_DOWN],
      [4, 0],
    ]);
    expect(memory.events.map(({ what }) => what)).toEqual(['power-down', 'power-up']);
  });

  it('begins with months, and drops the oldest row where no more fit', () => {
    const past = pastOf({ start: CHANGE + 30 * 24 * HOUR }, 40);
    const memory = new MeterMemory(past, past.quarters.length);
    expect(memory.rows.map(({ end }) => end)).toEqual(past.quarters.map(({ end }) => end));
    const times = memory.events.map(({ t }) => t);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(memory.events).toContainEqual({ t: CHANGE, what: 'clock-change' });
    const marked = memory.rows.filter(({ status }) => (status & POWER_DOWN) !== 0).length;
    expect(marked).toBe(past.outages.length);
    memory.quarter(past.quarters.at(-1)!.end + QUARTER, meter());
    expect(memory.rows).toHaveLength(past.quarters.length);
    expect(memory.rows[0]!.end).toBe(past.quarters[1]!.end);
  });

  it('finds the rows of a stretch of time', () => {
    const memory = new MeterMemory(EMPTY, 100);
    for (let i = 1; i <= 8; i++) memory.quarter(CHANGE + i * QUARTER, meter());
    const found = (from: number, to: number): number[] =>
      memory.between(CHANGE + from * QUARTER, CHANGE + to * QUARTER).map(({ end }) => (end - CHANGE) / QUARTER);
    expect(found(2, 4)).toEqual([2, 3, 4]);
    expect(found(1.5, 3.5)).toEqual([2, 3]);
    expect(found(-9, 1)).toEqual([1]);
    expect(found(9, 12)).toEqual([]);
  });
});
