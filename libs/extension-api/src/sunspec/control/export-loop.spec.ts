import { ExportLoop } from './export-loop.js';

const MOST = 10_000;
const BAND = 0.01 * MOST;
const AGE = 10_000;

interface House {
  readonly limit: number;
  /** What sun and battery would give, and what everything else takes, W, at a second. */
  readonly pv: (second: number) => number;
  readonly load: (second: number) => number;
  /** Seconds by which the meter is late. */
  readonly late?: number;
  /** Seconds by which the inverter is late to show its output. */
  readonly old?: number;
  /** Seconds in which the inverter comes to two thirds of a new value. */
  readonly lag?: number;
  /** Seconds without a meter. */
  readonly blind?: (second: number) => boolean;
  readonly seconds?: number;
}

interface Second {
  readonly exported: number;
  readonly output: number;
  readonly ceiling: number;
}

/** What comes of it, second by second. */
function run({ limit, pv, load, late = 0, old = 0, lag = 0, blind = () => false, seconds = 120 }: House): Second[] {
  const loop = new ExportLoop();
  const past: Second[] = [];
  let output = 0;
  for (let second = 0; second < seconds; second++) {
    const now = second * 1000;
    const ceiling = past.at(-1)?.ceiling ?? MOST;
    const wanted = Math.min(pv(second), ceiling);
    output = lag === 0 ? wanted : output + (wanted - output) * (1 - Math.exp(-1 / lag));
    const shown = old === 0 ? output : (past.at(-old)?.output ?? 0);
    loop.gives({ watts: shown, at: now, until: now + AGE });
    const exported = output - load(second);
    const told = late === 0 ? exported : past.at(-late)?.exported;
    if (!blind(second) && told !== undefined) loop.draws({ watts: -told, at: now, until: now + AGE });
    past.push({ exported, output, ceiling: loop.allows(limit, MOST, now) });
  }
  return past;
}

const moves = (past: readonly Second[]): number => past.filter(({ ceiling }, i) => i > 0 && ceiling !== past[i - 1]!.ceiling).length; // prettier-ignore
const worst = (past: readonly Second[], from: number): number => Math.max(...past.slice(from).map(({ exported }) => exported)); // prettier-ignore

describe('a limit of export', () => {
  it.each([0, 1000, 3000])('of %d W is held from the second after, and rests in a house that does', (limit) => {
    const past = run({ limit, pv: () => 8000, load: () => 600 });
    expect(worst(past, 3)).toBeLessThanOrEqual(limit);
    expect(past.at(-1)!.exported).toBeGreaterThanOrEqual(limit - 2 * BAND);
    // once off what it gave before, and perhaps once more
    expect(moves(past)).toBeLessThanOrEqual(2);
  });

  it('lets a house take all it needs: the limit of the output goes with the load, down at once and up in steps', () => {
    const past = run({ limit: 1000, pv: () => 9000, load: (s) => (s >= 40 && s < 80 ? 5000 : 500) });
    expect(past[39]!.output).toBeCloseTo(1400, 0);
    expect(past[79]!.output).toBeCloseTo(5900, 0);
    const steps = past.slice(40, 80).map(({ ceiling }) => ceiling);
    expect(Math.max(...steps.slice(1).map((ceiling, i) => ceiling - steps[i]!))).toBeLessThanOrEqual(2500);
    // the house is off: too much goes out for the second that nobody can foresee
    expect(past[80]!.exported).toBeGreaterThan(5000);
    expect(worst(past, 82)).toBeLessThanOrEqual(1000);
  });

  it('is never passed by a sun that comes, however fast', () => {
    const past = run({ limit: 2000, pv: (s) => (s % 20 < 10 ? 500 : 9500), load: () => 700 });
    expect(worst(past, 3)).toBeLessThanOrEqual(2000);
    expect(moves(past)).toBeLessThanOrEqual(2);
  });

  it.each([
    { late: 1 },
    { late: 2 },
    { lag: 1 },
    { lag: 2, late: 1 },
    { lag: 3, late: 2 },
    { old: 3 },
    { late: 8, old: 8 },
  ])('comes to rest with %j of a meter and an inverter that are slow', (slow) => {
    const past = run({ limit: 1000, pv: () => 9000, load: (s) => (s < 60 ? 4000 : 800), seconds: 180, ...slow });
    expect(worst(past.slice(0, 60), 30)).toBeLessThanOrEqual(1000 + BAND);
    expect(worst(past, 80)).toBeLessThanOrEqual(1000 + BAND);
    // nor has it ever given less than it would without a meter
    expect(Math.min(...past.slice(60).map(({ output }) => output))).toBeGreaterThan(1000);
    expect(moves(past.slice(120))).toBe(0);
    expect(past.at(-1)!.exported).toBeGreaterThanOrEqual(1000 - 3 * BAND);
  });

  it('is kept where the inverter shows late what it gives, and the meter does not', () => {
    const past = run({ limit: 1000, pv: () => 9000, load: (s) => (s < 60 ? 4000 : 800), seconds: 180, old: 8 });
    expect(worst(past.slice(0, 60), 10)).toBeLessThanOrEqual(1000);
    expect(worst(past, 80)).toBeLessThanOrEqual(1000);
  });

  it('leaves the inverter all it can where the house takes it', () => {
    const past = run({ limit: 1000, pv: () => 9990, load: (s) => (s < 30 ? 500 : 9500) });
    expect(past.at(-1)!.ceiling).toBeGreaterThanOrEqual(MOST - BAND);
  });

  it('is not moved by a house whose load only trembles', () => {
    const past = run({ limit: 1000, pv: () => 9000, load: (s) => 600 + (s % 2 === 0 ? 40 : -40) });
    expect(moves(past.slice(10))).toBe(0);
    expect(worst(past, 3)).toBeLessThanOrEqual(1000 + BAND);
  });

  it('is the limit of the output itself while the meter is silent, and follows the house again when it is back', () => {
    const blind = (s: number): boolean => s >= 30 && s < 60;
    const past = run({ limit: 1000, pv: () => 9000, load: (s) => (s < 35 ? 3000 : 0), blind });
    expect(past[29]!.output).toBeCloseTo(3900, 0);
    // the last reading holds for ten seconds
    expect(past[41]!.output).toBe(1000);
    expect(worst(past.slice(0, 60), 42)).toBeLessThanOrEqual(1000);
    expect(worst(past, 42)).toBeLessThanOrEqual(1000);
    const before = run({ limit: 1000, pv: () => 9000, load: () => 3000, blind: () => true });
    expect(before.at(-1)!.ceiling).toBe(1000);
  });

  it('gives an inverter that may give nothing the least that does not stop it, but for a meter that is silent', () => {
    expect(run({ limit: 0, pv: () => 9000, load: () => -2000 }).at(-1)!.ceiling).toBe(BAND);
    expect(run({ limit: 0, pv: () => 9000, load: () => 500, blind: () => true }).at(-1)!.ceiling).toBe(0);
  });

  it('that ends begins anew', () => {
    const loop = new ExportLoop();
    loop.gives({ watts: 5000, at: 0, until: AGE });
    loop.draws({ watts: -4000, at: 0, until: AGE });
    expect(loop.allows(500, MOST, 0)).toBe(1400);
    loop.rest();
    expect(loop.allows(3000, MOST, 1000)).toBe(3900);
    loop.loses();
    expect(loop.allows(3000, MOST, 1000)).toBe(3000);
  });
});
