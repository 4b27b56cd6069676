import fc from 'fast-check';
import type { ChargingProfile, Purpose } from './charging-profile.js';
import { compositeSchedule, effectiveLimit, NOMINAL, type LimitCase } from './effective-limit.js';
import { ProfileStore, type ProfileRules } from './profile-store.js';

const T = Date.parse('2026-06-20T10:00:00Z');
const HOUR = 3_600_000;
const CASE: LimitCase = { connector: 1, phases: 3, most: 32, transaction: { id: '7', began: T } };
const RULES: ProfileRules = { maxLevel: 8, maxPeriods: 24, maxProfiles: 10, units: ['A', 'W'], isTopRefused: false, hasNoStationProfile: false, transactionId: '7' }; // prettier-ignore

let nextId = 1;
const profile = (purpose: Purpose, limit: number, more: Partial<ChargingProfile> = {}): ChargingProfile => ({
  ...{ id: nextId++, connector: purpose === 'ChargePointMaxProfile' ? 0 : 1, purpose, stackLevel: 0 },
  ...{ kind: 'Absolute', unit: 'A', start: T, periods: [{ from: 0, limit }], ...more },
});
const ampere = (profiles: readonly ChargingProfile[], t = T, of = CASE): number => effectiveLimit(profiles, t, of).ampere; // prettier-ignore

describe('the limit of an outlet', () => {
  it('is the least of the purposes, whichever that is', () => {
    const [station, any] = [profile('ChargePointMaxProfile', 10), profile('TxDefaultProfile', 16)];
    expect(ampere([])).toBe(32);
    expect(ampere([station, any])).toBe(10);
    expect(ampere([{ ...station, periods: [{ from: 0, limit: 20 }] }, any])).toBe(16);
  });

  it('is that of the transaction before that of any, higher or not', () => {
    const [any, own] = [profile('TxDefaultProfile', 8), profile('TxProfile', 20, { transactionId: '7' })];
    expect(ampere([any, own])).toBe(20);
    expect(ampere([any, { ...own, transactionId: '8' }])).toBe(8);
    expect(ampere([any, own], T, { ...CASE, transaction: undefined })).toBe(8);
  });

  it('goes by the highest level, and by the next one where that has ended', () => {
    const low = profile('TxDefaultProfile', 8);
    const high = profile('TxDefaultProfile', 24, { stackLevel: 3, duration: 600_000 });
    expect([0, 599_999, 600_000].map((after) => ampere([low, high], T + after))).toEqual([24, 24, 8]);
    expect(effectiveLimit([low, high], T, CASE).until).toBe(T + 600_000);
  });

  it('counts recurring days, validity, and what is relative to the transaction', () => {
    const daily = profile('TxDefaultProfile', 6, { kind: 'Recurring', cycle: 24 * HOUR, start: T - 48 * HOUR, duration: HOUR }); // prettier-ignore
    expect([0, HOUR, 24 * HOUR].map((after) => ampere([daily], T + after))).toEqual([6, 32, 6]);
    const valid = profile('ChargePointMaxProfile', 7, { validFrom: T + 1000, validTo: T + 2000 });
    expect([0, 1000, 2000].map((after) => ampere([valid], T + after))).toEqual([32, 7, 32]);
    const relative = profile('TxProfile', 10, { kind: 'Relative', periods: [{ from: 0, limit: 10 }, { from: 5000, limit: 20 }] }); // prettier-ignore
    expect([0, 4999, 5000].map((after) => ampere([relative], T + after))).toEqual([10, 10, 20]);
  });

  it('takes W over the phases that are used', () => {
    const watt = profile('TxDefaultProfile', 3 * NOMINAL * 10, { unit: 'W' });
    expect(ampere([watt])).toBe(10);
    expect(ampere([watt], T, { ...CASE, phases: 1 })).toBe(30);
    const one = profile('TxDefaultProfile', NOMINAL * 8, { unit: 'W', periods: [{ from: 0, limit: NOMINAL * 8, phases: 1 }] }); // prettier-ignore
    expect(effectiveLimit([one], T, CASE)).toMatchObject({ ampere: 8, phases: 1 });
  });
});

const SPAN = 600;
const anyProfile = fc
  .record({
    purpose: fc.constantFrom<Purpose>('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
    stackLevel: fc.integer({ min: 0, max: 3 }),
    begin: fc.integer({ min: -100, max: SPAN }),
    duration: fc.option(fc.integer({ min: 1, max: SPAN }), { nil: undefined }),
    limits: fc.array(fc.integer({ min: 0, max: 32 }), { minLength: 1, maxLength: 4 }),
    step: fc.integer({ min: 1, max: 200 }),
    kind: fc.constantFrom('Absolute' as const, 'Relative' as const, 'Recurring' as const),
    cycle: fc.integer({ min: 50, max: 400 }),
  })
  .map(({ purpose, stackLevel, begin, duration, limits, step, kind, cycle }) =>
    profile(purpose, 0, {
      ...{ stackLevel, kind, start: T + begin * 1000, cycle: cycle * 1000 },
      periods: limits.map((limit, i) => ({ from: i * step * 1000, limit })),
      ...(duration !== undefined && { duration: duration * 1000 }),
    }),
  );

/** The rule told otherwise: for one instant, every profile asked on its own what it says. */
function oracle(profiles: readonly ChargingProfile[], t: number): number {
  const says = (each: ChargingProfile): number | undefined => {
    let into = t - (each.kind === 'Relative' ? T : each.start!);
    if (into < 0) return undefined;
    if (each.kind === 'Recurring') into %= each.cycle!;
    if (each.duration !== undefined && into >= each.duration) return undefined;
    return [...each.periods].reverse().find(({ from }) => from <= into)!.limit;
  };
  const best = (purpose: Purpose): number | undefined => {
    const speaking = profiles.filter((each) => each.purpose === purpose && says(each) !== undefined);
    const highest = Math.max(...speaking.map(({ stackLevel }) => stackLevel));
    const winner = speaking.find(({ stackLevel }) => stackLevel === highest);
    return winner && says(winner);
  };
  return Math.min(32, best('ChargePointMaxProfile') ?? 32, best('TxProfile') ?? best('TxDefaultProfile') ?? 32);
}

it('is at each second what a composite schedule says of it, over any profiles', () => {
  const schedules = fc.array(anyProfile, { maxLength: 8 });
  fc.assert(
    fc.property(schedules, (given) => {
      const store = new ProfileStore();
      for (const each of given) store.install(each, RULES);
      const periods = compositeSchedule(store.list, { from: T, duration: SPAN, unit: 'A' }, CASE);
      for (let s = 0; s < SPAN; s += 7) {
        const told = periods.findLast(({ startPeriod }) => startPeriod <= s)!.limit;
        expect([s, told, ampere(store.list, T + s * 1000)]).toEqual([s, oracle(store.list, T + s * 1000), told]);
      }
    }),
    { numRuns: 400 },
  );
});

describe('profiles of a station', () => {
  it('take the place of their like, and refuse what a station does not do', () => {
    const store = new ProfileStore();
    const one = profile('TxDefaultProfile', 10);
    expect(store.install(one, RULES)).toBe(true);
    expect(store.install({ ...one, id: 99, periods: [{ from: 0, limit: 12 }] }, RULES)).toBe(true);
    expect(store.list.map(({ id }) => id)).toEqual([99]);
    const refused: [Partial<ChargingProfile>, Partial<ProfileRules>][] = [
      [{ stackLevel: 9 }, {}],
      [{ stackLevel: 8 }, { isTopRefused: true }],
      [{ purpose: 'ChargePointMaxProfile', connector: 1 }, {}],
      [{ purpose: 'ChargePointMaxProfile', connector: 0 }, { hasNoStationProfile: true }],
      [{ purpose: 'TxProfile' }, { transactionId: undefined }],
      [{ purpose: 'TxProfile', transactionId: '8' }, {}],
      [{ unit: 'W' }, { units: ['A'] }],
      [{ periods: [] }, {}],
      [{ periods: [{ from: 1000, limit: 6 }] }, {}],
      [{ id: 100, stackLevel: 1 }, { maxProfiles: 1 }],
    ];
    for (const [change, rules] of refused)
      expect([change, rules, store.install({ ...one, ...change }, { ...RULES, ...rules })]).toEqual([change, rules, false]); // prettier-ignore
    expect(store.clear({ stackLevel: 5 })).toBe(0);
    expect(store.clear({ purpose: 'TxDefaultProfile', connector: 1 })).toBe(1);
  });
});
