import fc from 'fast-check';
import { Zone } from '@smx-edge/model';
import type { DemandReading } from './demand-reading.js';
import { PeakAlarm } from './peak-alarm.js';
import { PeakEngine, type PeakFacts, type PeakOptions, type PeakState } from './peak-engine.js';

const BRUSSELS = new Zone('Europe/Brussels');
const OPTIONS: PeakOptions = { zone: BRUSSELS, floor: 2500, smooth: 120_000, average: 12 };
const QUARTER = 900_000;
/** 18:00 local on 27 November 2022. */
const SIX = Date.UTC(2022, 10, 27, 17);

const engine = (options: Partial<PeakOptions> = {}, saved?: PeakState): PeakEngine =>
  new PeakEngine({ ...OPTIONS, ...options }, saved);

interface HouseReading {
  t: number;
  energy: number;
  demand: number;
  power: number;
}

/** A house by the second: power in W, register in whole Wh below a start value. */
function* house(from: number, to: number, power: (t: number) => number): Generator<HouseReading> {
  let wattSeconds = 6_708_046 * 3600;
  let quarter = 0;
  for (let t = from; t <= to; t += 1000) {
    const watt = t === from ? 0 : power(t);
    wattSeconds += watt;
    quarter += watt;
    const demand = t % QUARTER === 0 ? 0 : Math.floor(quarter / 900);
    if (t % QUARTER === 0) quarter = 0;
    yield { t, energy: Math.floor(wattSeconds / 3600), demand, power: watt };
  }
}

const plain = ({ t, energy, power }: HouseReading): DemandReading => ({ t, energy, power });

describe('quarter demand', () => {
  it('gives 2512 W for the golden quarter 6708.046 to 6708.674 kWh and makes it the month peak', () => {
    const peak = engine();
    let closed: PeakFacts | undefined;
    for (let i = 0; i <= 900; i++) {
      const energy = 6_708_046 + Math.floor((628 * i) / 900);
      closed = peak.take({ t: SIX + i * 1000, energy, power: 2507 });
    }
    expect(closed!.closed).toEqual({ end: SIX + QUARTER, watt: 2512, partial: false, estimated: false });
    expect(closed!.record).toBe(true);
    expect(closed!.month).toMatchObject({
      watt: 2512,
      at: SIX + QUARTER,
      by: 'own',
      closing: Date.UTC(2022, 10, 30, 23),
    });
  });

  it('forecasts the golden quarter as worked out by hand', () => {
    const peak = engine();
    peak.take({ t: SIX, energy: 0, power: 2929 });
    const five = peak.take({ t: SIX + 300_000, energy: 237, power: 2929 });
    expect(five.quarter).toBe(948);
    expect(five.forecast).toBeCloseTo(2901, 0);
    expect(five.low).toBeCloseTo(2844, 0);
    const ten = peak.take({ t: SIX + 600_000, energy: 417, power: 3502 });
    expect(ten.forecast).toBeCloseTo(2835, 0);
    expect(ten.low).toBeCloseTo(2502, 0);
    expect(ten.high).toBeCloseTo(2835, 0);
    // 2500 W allowed, 1668 used in effect: (2500 - 1668) × 3
    expect(ten.limit).toBe(2500);
    expect(ten.headroom).toBe(2496);
  });

  it('is four times the energy of each whole quarter, whatever is lost but the boundaries', () => {
    fc.assert(
      fc.property(
        fc.record({
          offset: fc.integer({ min: 0, max: 899 }),
          levels: fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 6, maxLength: 12 }),
          gaps: fc.array(
            fc.record({ at: fc.integer({ min: 0, max: 4000 }), length: fc.integer({ min: 1, max: 150 }) }),
            { maxLength: 6 },
          ),
        }),
        ({ offset, levels, gaps }) => {
          const from = SIX + offset * 1000;
          const power = (t: number): number => levels[Math.floor((t - from) / 400_000) % levels.length]!;
          const lost = (t: number): boolean =>
            gaps.some((gap) => t > from + gap.at * 1000 && t <= from + (gap.at + gap.length) * 1000);
          const peak = engine();
          const registers = new Map<number, number>();
          let before = NaN;
          const gapAt = new Map<number, number>();
          for (const reading of house(from, from + 4_200_000, power)) {
            registers.set(reading.t, reading.energy);
            if (lost(reading.t)) continue;
            const boundary = Math.floor(reading.t / QUARTER) * QUARTER;
            if (before < boundary) gapAt.set(boundary, reading.t === boundary ? 0 : reading.t - before);
            else if (Number.isNaN(before) && reading.t === boundary) gapAt.set(boundary, 0);
            before = reading.t;
            const { closed, record } = peak.take(plain(reading));
            if (closed === undefined) continue;
            const whole = [closed.end - QUARTER, closed.end].every((end) => (gapAt.get(end) ?? Infinity) <= 60_000);
            expect(closed.partial).toBe(!whole);
            if (!whole) {
              expect(record).toBe(false);
              continue;
            }
            const oracle = 4 * (registers.get(closed.end)! - registers.get(closed.end - QUARTER)!);
            const exact = [closed.end - QUARTER, closed.end].every((end) => gapAt.get(end) === 0);
            expect(closed.estimated).toBe(!exact);
            if (exact) expect(closed.watt).toBe(oracle);
            // 60 s at 9 kW hold 150 Wh: an interpolation is wrong by no more than that at each end
            else expect(Math.abs(closed.watt - oracle)).toBeLessThanOrEqual(8 * 151);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('interpolates a missed boundary in proportion', () => {
    const peak = engine();
    for (const reading of house(SIX, SIX + 2 * QUARTER + 60_000, () => 3600)) {
      const past = reading.t % QUARTER;
      if (reading.t > SIX && (past < 20_000 || past > QUARTER - 20_000)) continue;
      const { closed } = peak.take(plain(reading));
      if (closed === undefined) continue;
      expect(closed).toMatchObject({ partial: false, estimated: true });
      expect(Math.abs(closed.watt - 3600)).toBeLessThanOrEqual(8);
    }
    expect(peak.months.list()).toMatchObject([{ by: 'own', estimated: true }]);
  });

  it('is exact from the first telegram where the meter gives 1.4.0, and says partial where it does not', () => {
    const start = SIX + 400_000;
    const [helped, alone] = [engine(), engine()];
    let seen: PeakFacts | undefined;
    for (const reading of house(SIX, SIX + QUARTER, (t) => (t < start ? 8000 : 1000))) {
      if (reading.t < start) continue;
      seen = helped.take(reading);
      const own = alone.take(plain(reading));
      if (reading.t < SIX + QUARTER) {
        expect(seen).toMatchObject({ partial: false, quarter: reading.demand });
        expect(own.partial).toBe(true);
        expect(own.headroom).toBeNaN();
      } else expect(own).toMatchObject({ closed: { partial: true }, record: false, month: undefined });
    }
    const truth = (399 * 8000 + 501 * 1000) / 900;
    expect(seen!.record).toBe(true);
    expect(Math.abs(seen!.closed!.watt - truth)).toBeLessThanOrEqual(5);
  });

  it('finds out that a meter prints 1.4.0 as average over the elapsed time', () => {
    const peak = engine();
    let last: PeakFacts | undefined;
    for (const reading of house(SIX, SIX + 2 * QUARTER - 300_000, () => 2000)) {
      const elapsed = reading.t % QUARTER;
      const demand = elapsed === 0 ? 2000 : Math.floor((reading.demand * QUARTER) / elapsed);
      last = peak.take({ ...reading, demand });
    }
    // ten minutes into the second quarter: 2 kW over two thirds of it
    expect(last!.quarter).toBeGreaterThan(1325);
    expect(last!.quarter).toBeLessThanOrEqual(1334);
  });

  it('takes a telegram of a boundary that still shows the quarter before, as some meters print 1.4.0', () => {
    const peak = engine();
    const facts = [...house(SIX, SIX + QUARTER, () => 3000)].map((reading) =>
      peak.take(reading.t === SIX + QUARTER ? { ...reading, demand: 3000 } : reading),
    );
    expect(facts.at(-1)).toMatchObject({ quarter: 0, closed: { watt: 3000 }, limit: 3000 });
  });

  it('survives repeated telegrams and a clock set back by seconds over a boundary', () => {
    const peak = engine();
    let closed = 0;
    for (const reading of house(SIX, SIX + QUARTER + 5000, () => 2400)) {
      if (peak.take(plain(reading)).closed !== undefined) closed++;
      if (peak.take(plain(reading)).closed !== undefined) closed++;
    }
    expect(peak.take({ t: SIX + QUARTER - 3000, energy: 6_708_650, power: 2400 }).closed).toBeUndefined();
    for (const reading of house(SIX + QUARTER, SIX + QUARTER + 30_000, () => 2400)) peak.take({ ...plain(reading), energy: reading.energy + 600 }); // prettier-ignore
    expect(closed).toBe(1);
    expect(peak.months.list()).toMatchObject([{ watt: 2400 }]);
  });

  it('never counts on from the register of another meter', () => {
    const peak = engine();
    peak.take({ t: SIX, energy: 6_708_046, power: 500 });
    peak.take({ t: SIX + 100_000, energy: 6_708_060, power: 500 });
    peak.forget();
    const after = peak.take({ t: SIX + 110_000, energy: 12, power: 500 });
    expect(after).toMatchObject({ quarter: 0, partial: true });
  });
});

describe('restart', () => {
  it('keeps the running quarter and the months through JSON, also with telegrams lost meanwhile', () => {
    const straight = engine();
    let restarted = engine();
    let facts: [PeakFacts, PeakFacts] | undefined;
    for (const reading of house(SIX, SIX + 3 * QUARTER, (t) => 1000 + ((t / 1000) % 1700))) {
      const a = straight.take(plain(reading));
      const away = reading.t > SIX + 500_000 && reading.t < SIX + 800_000;
      if (reading.t === SIX + 500_000 || reading.t === SIX + QUARTER - 2000)
        restarted = engine({}, JSON.parse(JSON.stringify(restarted.state())) as PeakState);
      if (!away) facts = [a, restarted.take(plain(reading))];
    }
    expect(facts![1].closed).toEqual(facts![0].closed);
    expect(facts![1].month).toEqual(facts![0].month);
    expect(restarted.months.list()).toEqual(straight.months.list());
  });

  it('does not make a peak of a quarter it slept through', () => {
    const first = engine();
    first.take({ t: SIX, energy: 1000, power: 100 });
    const second = engine({}, JSON.parse(JSON.stringify(first.state())) as PeakState);
    const facts = second.take({ t: SIX + 10 * QUARTER, energy: 90_000, power: 100 });
    expect(facts.closed?.partial).toBe(true);
    expect(second.months.list()).toEqual([]);
  });
});

describe('months', () => {
  it('ends months at local midnight, in winter and over the change to summer time', () => {
    const peak = engine();
    // 31 March 2026 22:00 UTC is midnight in Brussels by summer time
    const midnight = Date.UTC(2026, 2, 31, 22);
    for (const reading of house(midnight - QUARTER, midnight + QUARTER, (t) => (t <= midnight ? 4000 : 3000)))
      peak.take(plain(reading));
    expect(peak.months.list()).toMatchObject([
      { closing: midnight, watt: 4000, at: midnight },
      { closing: Date.UTC(2026, 3, 30, 22), watt: 3000, at: midnight + QUARTER },
    ]);
    expect(peak.months.current(midnight)).toMatchObject({ watt: 3000 });
    expect(peak.months.current(midnight - 1)).toMatchObject({ watt: 4000 });
  });

  it('counts quarters of the missing and of the doubled hour once each', () => {
    for (const change of [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)]) {
      const peak = engine();
      const ends: number[] = [];
      for (const reading of house(change - 4 * QUARTER, change + 8 * QUARTER, () => 1200)) {
        const { closed } = peak.take(plain(reading));
        if (closed !== undefined) ends.push(closed.end);
      }
      expect(ends).toEqual(Array.from({ length: 12 }, (_, i) => change + (i - 3) * QUARTER));
    }
  });

  it('lets the meter win, keeps 13 closed months and the running one, and bills each at the floor at least', () => {
    const peak = engine();
    const closing = (month: number): number => BRUSSELS.utc(Date.UTC(2025, month, 1));
    for (let month = 1; month <= 20; month++) peak.months.closedByMeter(closing(month), 1000 + 300 * month, null);
    expect(peak.months.list()).toHaveLength(14);
    const t = closing(20) - 1000;
    peak.months.count({ end: t - 1000, watt: 9999, partial: false, estimated: false });
    expect(peak.months.current(t)).toMatchObject({ by: 'meter', watt: 7000 });
    expect(peak.months.both(t)).toMatchObject({ own: { watt: 9999 }, meter: { watt: 7000 } });
    expect(peak.months.billing(closing(5) - 1, 12, 2500)).toBeNaN();
    expect(peak.months.billing(closing(8) - 1, 12, 3000)).toBe((3100 + 3400) / 2);
  });

  it('puts the worked example of twelve months right', () => {
    const peaks = [4.656, 5.021, 3.98, 4.11, 4.43, 5.2, 4.8, 3.9, 4.2, 4.5, 4.275, 4.4];
    const peak = engine();
    peaks.forEach((kilowatt, month) => {
      peak.months.closedByMeter(BRUSSELS.utc(Date.UTC(2025, month + 1, 1)), kilowatt * 1000, null);
    });
    // twelve values that sum to 53.472 kW
    expect(peaks.reduce((a, b) => a + b, 0)).toBeCloseTo(53.472, 9);
    expect(peak.months.billing(Date.UTC(2025, 11, 31), 12, 2500)).toBeCloseTo(4456, 6);
  });

  it('keeps a peak of last month that the meter still shows out of this one', () => {
    const peak = engine();
    const first = Date.UTC(2026, 0, 31, 23);
    peak.months.byMeter(first + 60_000, 5000, first);
    expect(peak.months.current(first + 60_000)).toBeUndefined();
    expect(peak.take({ t: first + 60_000, energy: 1, power: 1 }).limit).toBe(2500);
    expect(peak.months.current(first - 1)).toMatchObject({ watt: 5000 });
  });

  it('does not take the reset at the first moment of a month for a peak of the month before', () => {
    const first = Date.UTC(2026, 0, 31, 23);
    const known = engine();
    known.months.byMeter(first - 60_000, 5000, first - 86_400_000);
    known.months.byMeter(first + 1000, 0, first);
    expect(known.months.list()).toMatchObject([{ closing: first, watt: 5000 }]);
    const fresh = engine();
    fresh.months.byMeter(first + 1000, 0, first);
    expect(fresh.months.list()).toEqual([]);
    // its first quarter counts
    known.months.byMeter(first + 2 * QUARTER, 1200, first + QUARTER);
    expect(known.months.current(first + 2 * QUARTER)).toMatchObject({ watt: 1200 });
  });
});

describe('alarm', () => {
  const facts = (minute: number, forecast: number, limit = 2500): PeakFacts => ({
    ...engine().take({ t: SIX + minute * 60_000, energy: 0, power: 0 }),
    partial: false,
    forecast,
    limit,
  });

  it('is raised once past the first minutes, held by hysteresis, cleared below', () => {
    const alarm = new PeakAlarm(180_000);
    const seen = [facts(1, 9000), facts(3, 2501), facts(4, 2600), facts(5, 2400), facts(6, 2374), facts(7, NaN)];
    expect(seen.map((fact) => alarm.update(fact))).toEqual([undefined, 'raised', undefined, undefined, 'cleared', undefined]); // prettier-ignore
  });

  it('does not alarm on a quarter seen in part', () => {
    expect(new PeakAlarm(0).update({ ...facts(5, 9000), partial: true })).toBeUndefined();
  });
});
