import { Week, type Criterion } from './en50160.js';
import { IntervalValues } from './interval.js';

const OPTIONS = { wiring: '4-wire', rate: 2600 } as const;

/** 10 min (or 2 h) of a house without faults. */
function interval(kind: '10-min' | '2-hour' = '10-min'): IntervalValues {
  const values = new IntervalValues(kind);
  values.voltage.fill(231);
  values.row[20] = 0.004;
  values.voltageDistortion.fill(0.03);
  values.flicker.fill(0.5);
  for (const harmonics of values.voltageHarmonics) {
    harmonics.fill(0.2, 0, 26);
    harmonics[1] = 230.8;
    harmonics[5] = 6.9;
  }
  return Object.assign(values, { covered: 1, lost: 0 });
}

const find = (week: Week, quantity: Criterion['quantity'], where: Partial<Criterion> = {}): Criterion =>
  week.criteria.find(
    (c) =>
      c.quantity === quantity && Object.entries(where).every(([key, value]) => c[key as keyof Criterion] === value),
  )!;

describe('a week after EN 50160', () => {
  it('is met by a good one, and knows nothing before', () => {
    const week = new Week(OPTIONS);
    expect(week.criteria.map(({ isMet }) => isMet)).toEqual(week.criteria.map(() => null));
    for (let n = 0; n < 1008; n++) week.addInterval(interval());
    for (let n = 0; n < 84; n++) week.addInterval(interval('2-hour'));
    for (let n = 0; n < 60_480; n++) week.addFrequency(50.01);
    for (const criterion of week.criteria) expect(criterion).toMatchObject({ isMet: true, within: criterion.counted });
    expect(find(week, 'voltage')).toMatchObject({ counted: 1008, lowest: 231, highest: 231 });
    expect(find(week, 'flicker')).toMatchObject({ counted: 84 });
    expect(find(week, 'frequency')).toMatchObject({ counted: 60_480, low: 49.5, high: 50.5 });
    expect(find(week, 'harmonic', { order: 5, phase: 2 }).highest).toBeCloseTo(6.9 / 230.8, 9);
  });

  it.each([
    [50, true],
    [51, false],
  ])('allows 5 %% of values outside: %d of 1008 is met: %s', (outside, isMet) => {
    const week = new Week(OPTIONS);
    for (let n = 0; n < 1008; n++) {
      const values = interval();
      if (n < outside) values.voltage[1] = 206;
      week.addInterval(values);
    }
    expect(find(week, 'voltage', { phase: 1, required: 0.95 })).toMatchObject({ isMet, within: 1008 - outside });
    expect(find(week, 'voltage', { phase: 1, required: 1 })).toMatchObject({ isMet: true, lowest: 206 });
    expect(find(week, 'voltage', { phase: 0, required: 0.95 }).isMet).toBe(true);
  });

  it('leaves out what is flagged, cut short or lost, and what is not known', () => {
    const week = new Week(OPTIONS);
    week.addInterval(Object.assign(interval(), { isFlagged: true }));
    week.addInterval(Object.assign(interval(), { covered: 0.5 }));
    week.addInterval(Object.assign(interval(), { lost: 0.02 }));
    week.addInterval(Object.assign(interval(), { lost: 0.001 }));
    const unknown = interval();
    unknown.voltage[0] = NaN;
    week.addInterval(unknown);
    week.addInterval(Object.assign(interval('2-hour'), { isFlagged: true }));
    expect(week.excluded).toEqual({
      '10-min': { flagged: 1, unmeasured: 2 },
      '2-hour': { flagged: 1, unmeasured: 0 },
    });
    expect(find(week, 'voltage', { phase: 0 }).counted).toBe(1);
    expect(find(week, 'voltage', { phase: 1 }).counted).toBe(2);
  });

  it('has limits for the orders that the sample rate carries, and for what the wiring shows', () => {
    const orders = (rate: number): number[] =>
      new Week({ wiring: 'single', rate }).criteria.flatMap(({ order }) => (order === null ? [] : [order]));
    expect(orders(2600).at(-1)).toBe(25);
    expect(orders(2000).at(-1)).toBeLessThan(20);
    expect(new Week({ wiring: 'single', rate: 2600 }).criteria.some(({ quantity }) => quantity === 'unbalance')).toBe(
      false,
    );
  });

  it('goes on from what was kept, but not from that of another wiring', () => {
    const week = new Week(OPTIONS);
    week.addInterval(interval());
    week.addInterval(Object.assign(interval('2-hour'), { covered: 0.2 }));
    week.addFrequency(49.2);
    const kept = JSON.parse(JSON.stringify(week.state)) as number[];
    const next = new Week(OPTIONS);
    expect(next.resume(kept)).toBe(true);
    expect(next.excluded).toEqual(week.excluded);
    next.addInterval(interval());
    expect(find(next, 'voltage')).toMatchObject({ counted: 2, lowest: 231 });
    expect(find(next, 'frequency')).toMatchObject({ counted: 1, within: 0, isMet: false });
    expect(next.criteria.find(({ counted }) => counted === 0)).toMatchObject({ isMet: null, lowest: NaN });
    expect(new Week({ wiring: 'single', rate: 2600 }).resume(kept)).toBe(false);
    next.restart();
    expect(next.criteria.every(({ counted }) => counted === 0)).toBe(true);
  });
});
