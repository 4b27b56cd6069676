import { measure } from '../../test-support/measured.js';
import { house, rmsOf, WaveSource } from '../../test-support/wave.js';
import { PowerQuality, type IntervalValues } from './index.js';
import { Intervals } from './intervals.js';
import { Values } from './values.js';

const TICK = Date.UTC(2026, 0, 12, 9, 10);
const wave = house(2600, () => 49.97);

describe('intervals', () => {
  it('of 15 windows hold 150 cycles and the root of the mean of squares', () => {
    const step = { ...wave, envelope: (t: number) => (t < 1.7 ? 1 : 1.02) };
    const { intervals, windows } = measure(step, { seconds: 3.3 });
    const [interval] = intervals;
    expect(interval).toMatchObject({ kind: '150-cycle', parts: 15, cycles: 150 });
    const squares = windows.slice(0, 15).map(({ voltage }) => voltage[0]! ** 2);
    expect(interval!.voltage[0]).toBeCloseTo(Math.sqrt(squares.reduce((sum, square) => sum + square) / 15), 9);
  });

  it('of 10 min end at the tick with the window that it meets, and windows begin anew at it', () => {
    const { intervals, windows } = measure(wave, { seconds: 3, begin: TICK - 1500 });
    const tenMinutes = intervals.find(({ kind }) => kind === '10-min')!;
    expect(tenMinutes.end).toBe(TICK);
    const before = windows.filter(({ start }) => start < TICK);
    expect(tenMinutes.parts).toBe(before.length);
    expect(before.at(-1)!.end).toBeGreaterThan(TICK);
    const after = windows[before.length]!;
    expect(after.start).toBeGreaterThanOrEqual(TICK);
    expect(after.start - TICK).toBeLessThan(21);
    expect(after.start).toBeLessThan(before.at(-1)!.end);
    expect(tenMinutes.covered).toBeLessThan(0.01);
    expect(tenMinutes.voltage[0]! / rmsOf(wave.voltage[0]!)).toBeCloseTo(1, 4);
  });

  it('of 2 h hold twelve of 10 min', () => {
    const told: { kind: string; parts: number; end: number; flicker: number; voltage: number }[] = [];
    const listener = {
      onInterval: ({ kind, parts, end, flicker, voltage }: IntervalValues): void => {
        if (kind !== '150-cycle') told.push({ kind, parts, end, flicker: flicker[0]!, voltage: voltage[0]! });
      },
    };
    const intervals = new Intervals(listener, () => 0.4);
    const values = new Values();
    for (let time = Date.UTC(2026, 0, 12, 9, 49); time < Date.UTC(2026, 0, 12, 12, 1); time += 60_000) {
      Object.assign(values, { start: time, end: time + 60_000, lost: 0 });
      if (intervals.isNew(values)) intervals.turn(time);
      values.voltage[0] = time < Date.UTC(2026, 0, 12, 11) ? 220 : 240;
      intervals.add(values);
    }
    expect(told.map(({ kind }) => kind)).toEqual([
      ...['10-min', '10-min', '2-hour'],
      ...Array.from({ length: 12 }, () => '10-min'),
      '2-hour',
    ]);
    expect(told.slice(0, 2).map(({ end }) => end)).toEqual([Date.UTC(2026, 0, 12, 9, 50), Date.UTC(2026, 0, 12, 10)]);
    expect(told[0]!.parts).toBe(1);
    expect(told[2]!.flicker).toBeNaN();
    const whole = told.at(-1)!;
    expect(whole).toMatchObject({ parts: 12, end: Date.UTC(2026, 0, 12, 12) });
    expect(whole.flicker).toBeCloseTo(0.4, 9);
    expect(whole.voltage).toBeCloseTo(Math.sqrt((220 ** 2 + 240 ** 2) / 2), 6);
  });

  it('give the frequency of the whole cycles of 10 s', () => {
    const drift = house(2600, (t) => 49.9 + 0.02 * t);
    const { frequencies } = measure(drift, { seconds: 21, begin: TICK });
    expect(frequencies.map(({ end }) => end - TICK)).toEqual([10_000, 20_000]);
    expect(Math.abs(frequencies[1]!.frequency - 50.2)).toBeLessThan(1e-3);
  });
});

describe('lost samples', () => {
  it('of 0.1 % flag what they are in and change nothing much', () => {
    // one frame in a thousand, one by one
    const { windows, events, cycles } = measure(wave, { seconds: 5, size: 999, lost: (n) => (n === 0 ? 0 : 1) });
    expect(windows.length).toBeGreaterThan(20);
    const lossy = windows.filter(({ lost }) => lost > 0);
    expect(lossy.length).toBeGreaterThan(8);
    expect(lossy[0]!.lost).toBeCloseTo(1 / 520, 4);
    const lost = windows.reduce((sum, window) => sum + window.lost, 0) / windows.length;
    expect(lost).toBeCloseTo(0.001, 3);
    for (const { voltage, frequency } of windows.slice(1)) {
      expect(Math.abs(voltage[0]! / rmsOf(wave.voltage[0]!) - 1)).toBeLessThan(5e-4);
      expect(Math.abs(frequency - 49.97)).toBeLessThan(1e-3);
    }
    expect(cycles.filter((cycle) => cycle.lost > 0).length).toBeLessThan(20);
    expect(events).toEqual([]);
  });

  it('of whole cycles are bridged, of more than a window end it, and no loss is a dip', () => {
    const { windows, events, begun, intervals } = measure(wave, {
      seconds: 8,
      size: 260,
      begin: TICK - 6000,
      lost: (n) => (n === 15 ? 130 : n === 30 ? 1300 : n === 45 ? 3_000 : 0),
    });
    expect([events, begun]).toEqual([[], []]);
    expect(windows.filter(({ lost }) => lost > 0.2)).toHaveLength(1);
    for (const { voltage } of windows.slice(1))
      expect(Math.abs(voltage[0]! / rmsOf(wave.voltage[0]!) - 1)).toBeLessThan(5e-4);
    expect(intervals.find(({ kind }) => kind === '10-min')).toMatchObject({ isFlagged: true });
  });
});

describe('a meter that samples per period', () => {
  it('has as many samples in each period, at a rate that follows the mains', () => {
    const frequencies: number[] = [];
    const meter = new PowerQuality(
      { wiring: 'single', rate: 2600 },
      { onWindow: (values) => frequencies.push(values.frequency) },
    );
    const source = new WaveSource({
      ...wave,
      rate: 52 * 49.2,
      frequency: () => 49.2,
      voltage: [wave.voltage[0]!],
      current: [wave.current[0]!],
    });
    while (source.seconds < 1) meter.push({ ...source.next(260), rate: 52 * 49.2 });
    expect(frequencies.at(-1)).toBeCloseTo(49.2, 4);
  });
});
