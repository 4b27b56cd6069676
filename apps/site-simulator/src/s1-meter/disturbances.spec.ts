import { S1Rig } from '../../test-support/s1-rig.js';

const START = '2026-01-14T12:00:00Z';
/** Samples of half a period. */
const HALF = 26;
const SAMPLES = 2600;

describe('the voltage at an S1 port', () => {
  let rig: S1Rig;
  beforeEach(async () => {
    rig = await S1Rig.open(START);
    await rig.pass(1000);
  });
  afterEach(() => rig.close());

  /** RMS of each half period of a phase from `from` on, as a share of the house's voltage. */
  const halves = (phase: number, from: number, count: number): number[] =>
    Array.from({ length: count }, (_, n) => {
      const begin = from + n * HALF;
      return rig.reader.rms(phase, begin, begin + HALF) / rig.port.truth.seconds.at(-1)!.voltage[phase]!;
    });

  it.each([
    ['dip', 40, 0.4],
    ['swell', 115, 0.5],
    ['interruption', undefined, 0.3],
    ['change', 95, 1],
  ] as const)('has a %s as deep and as long as it is told to', async (deed, to, seconds) => {
    expect(rig.say({ do: deed, meter: 's1', to, for: seconds, phases: [2] })).toEqual({ ok: true });
    await rig.pass(2000);
    const [told] = rig.port.truth.disturbances;
    expect(told).toMatchObject({ kind: deed, to: to ?? 0, phases: [1] });
    expect((told!.until - told!.from) / SAMPLES).toBeCloseTo(seconds, 2);
    const level = (to ?? 0) / 100;
    const low = halves(1, told!.from, Math.floor((told!.until - told!.from) / HALF));
    for (const each of low) expect(Math.abs(each - level)).toBeLessThan(0.005);
    for (const each of halves(1, told!.until, 10)) expect(Math.abs(each - 1)).toBeLessThan(0.005);
    for (const each of halves(0, told!.from, 20)) expect(Math.abs(each - 1)).toBeLessThan(0.005);
  });

  it('flickers as it is told to, and hardly else', async () => {
    const swing = (list: readonly number[]): number => 100 * (Math.max(...list) - Math.min(...list));
    const from = rig.reader.samples.length - SAMPLES;
    expect(swing(halves(0, 0, 90))).toBeLessThan(0.2);
    rig.say({ do: 'flicker', meter: 's1', depth: 3, frequency: 5, for: 2 });
    await rig.pass(3000);
    const during = swing(halves(0, from + 2 * SAMPLES, 90));
    expect(during).toBeGreaterThan(2.5);
    expect(during).toBeLessThan(3.2);
    expect(swing(halves(0, rig.reader.samples.length - 2000, 70))).toBeLessThan(0.2);
  });

  it('is still again at once when it is told to be', async () => {
    rig.say({ do: 'dip', meter: 's1', for: 100 });
    rig.say({ do: 'change', meter: 's1', for: 100 });
    await rig.pass(200);
    const quiet = rig.reader.samples.length;
    rig.say({ do: 'still', meter: 's1' });
    await rig.pass(1000);
    for (const each of halves(2, quiet + 200, 20)) expect(Math.abs(each - 1)).toBeLessThan(0.005);
    for (const { until } of rig.port.truth.disturbances) expect(until).toBeLessThan(quiet + 200);
  });

  it.each([
    [{ do: 'dip', meter: 'p1' }, 'meter takes a meter with an S1 port'],
    [{ do: 'dip', meter: 's1', phases: [4] }, 'phases takes a list of 1, 2 and 3'],
    [{ do: 'dip', meter: 's1', to: -5 }, 'to takes a number from 0 to 200'],
    [{ do: 'blink', meter: 's1' }, 'do takes one of dip, swell'],
    [{ do: 'still', meter: 's1', for: 3 }, 'for is not known'],
  ])('refuses %j', (line, message) =>
    expect((rig.say(line)['error'] as { message: string }).message).toContain(message),
  );

  it('refuses more disturbances than it can keep', () => {
    for (let i = 0; i < 32; i++) rig.say({ do: 'dip', meter: 's1', for: 1000 });
    expect(rig.say({ do: 'dip', meter: 's1' })).toMatchObject({ error: { code: 'SMX_SIMULATOR_SETPOINT' } });
  });
});
