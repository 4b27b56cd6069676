import { CounterGuard, type CounterReading, type CounterState } from './counter-guard.js';

const ACC32 = 2 ** 32;
const at = (value: number, more: Partial<CounterReading> = {}): CounterReading => ({
  value,
  span: ACC32,
  step: 1,
  ...more,
});

/** What is shown of readings in a row, and why it changed. */
function shown(readings: readonly (number | CounterReading)[], saved?: CounterState): unknown[] {
  const guard = new CounterGuard(saved);
  return readings.map((reading) => {
    const taken = guard.take(typeof reading === 'number' ? at(reading) : reading);
    return taken?.change === undefined ? taken?.value : [taken.value, taken.change];
  });
}

describe('a counter of energy', () => {
  it('goes up as its device counts', () => {
    expect(shown([81_000, 81_000, 81_250, 90_000])).toEqual([81_000, 81_000, 81_250, 90_000]);
  });

  it('takes a step of more than 100 kWh once three readings bear it out', () => {
    expect(shown([1000, 151_000, 151_001, 151_002, 151_003])).toEqual([1000, 1000, 1000, 151_002, 151_003]);
  });

  it('passes over a reading that nothing bears out, to either side', () => {
    expect(shown([81_000, 3, 81_001, 810_010, 81_002, 5, 700, 900_000, 81_003])).toEqual([
      81_000, 81_000, 81_001, 81_001, 81_002, 81_002, 81_002, 81_002, 81_003,
    ]);
  });

  it('goes on from what it was where its device begins at 0', () => {
    expect(shown([81_000, 2, 3, 5, 9])).toEqual([81_000, 81_000, 81_000, [81_005, 'reset'], 81_009]);
  });

  it('has counted what its room was where it rolls over, but only if its scale factor stayed', () => {
    const milli = ACC32 / 1000;
    const full = (value: number): CounterReading => at(value, { span: milli, step: 0.001 });
    expect(shown([full(milli - 8000), full(5), full(6), full(7)])[3]).toEqual([milli + 7, 'rollover']);
    expect(shown([full(milli - 8000), at(5), at(6), at(7)])[3]).toEqual([milli - 8000 + 7, 'reset']);
  });

  it('does not take over what another counter had counted before', () => {
    expect(shown([81_000, 40_000, 40_001, 40_002, 40_100])).toEqual([
      81_000,
      81_000,
      81_000,
      [81_002, 'replaced'],
      81_100,
    ]);
  });

  it('stands where a coarser scale factor rounds down, and where a float has no more digits', () => {
    expect(shown([at(12_345), at(12_300, { step: 100 }), at(12_340, { step: 10 }), at(12_346)])).toEqual([
      12_345, 12_345, 12_345, 12_346,
    ]);
    const float = (value: number): CounterReading => ({ value, step: 0 });
    expect(shown([float(40_061_108), float(40_061_104)])).toEqual([40_061_108, 40_061_108]);
  });

  it('never takes a small negative number for a full counter', () => {
    expect(shown([ACC32 - 5, ACC32 - 5, ACC32 - 5])).toEqual([undefined, undefined, undefined]);
    expect(shown([700, ACC32 - 5, ACC32 - 5, ACC32 - 5, ACC32 - 5, 701])).toEqual([700, 700, 700, 700, 700, 701]);
  });

  it('goes on over a restart, also where it began anew meanwhile', () => {
    const before = new CounterGuard();
    for (const value of [81_000, 1, 2, 3]) before.take(at(value));
    expect(before.state).toEqual({ last: 3, offset: 81_000, span: ACC32 });
    expect(shown([10, 11], before.state)).toEqual([81_010, 81_011]);
    expect(shown([20_000, 1, 2, 3], { last: 20_000, offset: 81_000 })[3]).toEqual([101_003, 'reset']);
  });

  it('never falls, whatever it is shown', () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const guard = new CounterGuard();
    let [own, before, falls] = [5_000_000, 0, 0];
    for (let i = 0; i < 50_000; i++) {
      own = random(500) === 0 ? random(100) : own + random(20);
      const step = 10 ** random(4);
      const value = random(10) === 0 ? random(ACC32) : Math.floor(own / step) * step;
      const taken = guard.take(at(value, { step, span: ACC32 * step }))?.value ?? 0;
      if (taken < before) falls++;
      before = taken;
    }
    expect(falls).toBe(0);
    expect(before).toBeGreaterThan(5_000_000);
  });
});
