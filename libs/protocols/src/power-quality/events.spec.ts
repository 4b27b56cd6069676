import fc from 'fast-check';
import { measure } from '../../test-support/measured.js';
import { house, type Wave } from '../../test-support/wave.js';
import type { PowerQualityEvent } from './index.js';

const BEGIN = Date.UTC(2026, 0, 12, 9);
const clean = house(2600, () => 50.05);
const wave: Wave = { ...clean, voltage: clean.voltage.map((channel) => ({ ...channel, rms: 230 })) };
const rms = 230 * Math.sqrt(1 + clean.voltage[0]!.harmonics!.reduce((sum, [, share]) => sum + share ** 2, 0));

/** The wave with a level, a share of itself, of some phases from one time to another, in s. */
const stepped = (level: number, from: number, to: number, phases: readonly number[] = [0, 1, 2]): Wave => ({
  ...wave,
  envelope: (t, phase) => (t >= from && t < to && phases.includes(phase) ? level : 1),
});
const of = (measured: readonly PowerQualityEvent[], kind: PowerQualityEvent['kind']): PowerQualityEvent =>
  measured.find((event) => event.kind === kind)!;

describe('dips', () => {
  it('of any depth, time and phase are told with their depth within 0.5 % and their duration within 10 ms', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.06, max: 0.86, noNaN: true }),
        fc.double({ min: 0.8, max: 0.84, noNaN: true }),
        fc.double({ min: 0.04, max: 0.4, noNaN: true }),
        fc.subarray([0, 1, 2], { minLength: 1 }),
        (level, from, duration, phases) => {
          const { events, begun } = measure(stepped(level, from, from + duration, phases), {
            seconds: 1.5,
            begin: BEGIN,
          });
          const dip = of(events, 'dip');
          expect(begun).toEqual(['dip']);
          expect(dip.phases).toEqual(phases);
          expect(Math.abs(dip.depth - (1 - (level * rms) / 230))).toBeLessThan(5e-3);
          expect(Math.abs(dip.extreme - level * rms)).toBeLessThan(0.005 * 230);
          expect(Math.abs(dip.duration - duration)).toBeLessThan(0.01);
          expect(Math.abs(dip.start - BEGIN - from * 1000)).toBeLessThan(10);
          // each value spans two half cycles, and the edges lie anywhere in theirs
          expect(Math.abs(dip.stampedDuration - duration)).toBeLessThan(0.03);
        },
      ),
      {
        numRuns: 25,
        // the phase of the reference jumps by 33°, which must not pass for another frequency
        examples: [[0.21436809388353006, 0.8176828119919618, 0.3051373308319723, [0, 2]]],
      },
    );
  }, 120_000);

  it('of phases one after the other are one, from the first edge to the last', () => {
    const staggered: Wave = {
      ...wave,
      envelope: (t, phase) => (t >= 0.8 + 0.05 * phase && t < 1 + 0.1 * phase ? 0.5 + 0.1 * phase : 1),
    };
    const { events } = measure(staggered, { seconds: 2, begin: BEGIN });
    const dip = of(events, 'dip');
    expect(events).toHaveLength(1);
    expect(dip.phases).toEqual([0, 1, 2]);
    expect(Math.abs(dip.duration - 0.4)).toBeLessThan(0.01);
    expect(Math.abs(dip.extreme - 0.5 * rms)).toBeLessThan(0.005 * 230);
  });

  it('end only beyond the hysteresis', () => {
    const hover: Wave = { ...wave, envelope: (t) => (t < 0.8 || t > 1.2 ? 1 : t < 1 ? 0.88 : 0.91) };
    const { events } = measure(hover, { seconds: 2 });
    expect(events.map(({ kind }) => kind)).toEqual(['dip']);
    expect(Math.abs(events[0]!.duration - 0.4)).toBeLessThan(0.03);
  });

  it('flag the windows they are in, and no other', () => {
    const { windows } = measure(stepped(0.5, 0.9, 0.95), { seconds: 2, begin: BEGIN });
    const flagged = windows.filter(({ isFlagged }) => isFlagged);
    expect(flagged.length).toBeGreaterThan(0);
    for (const { start, end } of flagged) expect(start < BEGIN + 990 && end > BEGIN + 900).toBe(true);
    expect(flagged.length).toBeLessThan(3);
  });

  it('are not seen in a steady wave, not even in a flickering one', () => {
    const flickering: Wave = { ...wave, envelope: (t) => 1 + 0.03 * Math.sin(2 * Math.PI * 8.8 * t) };
    expect(measure(flickering, { seconds: 4 }).begun).toEqual([]);
  });
});

describe('swells', () => {
  it('are told with their height', () => {
    const { events } = measure(stepped(1.2, 0.8, 0.9, [2]), { seconds: 1.5, begin: BEGIN });
    const swell = of(events, 'swell');
    expect(events).toHaveLength(1);
    expect(swell.phases).toEqual([2]);
    expect(Math.abs(swell.extreme - 1.2 * rms)).toBeLessThan(1);
    expect(Math.abs(swell.duration - 0.1)).toBeLessThan(0.01);
  });
});

describe('interruptions', () => {
  it('need all phases', () => {
    const one = measure(stepped(0, 0.8, 1.2, [0, 2]), { seconds: 2 });
    expect(one.begun).toEqual(['dip']);
    const all = measure(stepped(0, 0.8, 1.2), { seconds: 2, begin: BEGIN });
    expect(all.begun).toEqual(['dip', 'interruption']);
    const interruption = of(all.events, 'interruption');
    expect(interruption.extreme).toBeLessThan(1);
    expect(Math.abs(interruption.duration - 0.4)).toBeLessThan(0.01);
    // the mains is measured again after it
    expect(Math.abs(all.windows.at(-1)!.frequency - 50.05)).toBeLessThan(1e-3);
  });
});

describe('rapid voltage changes', () => {
  it('are told with the change of the steady voltage and the largest one', () => {
    const change: Wave = { ...wave, envelope: (t) => (t < 2 ? 1 : t < 2.3 ? 0.92 : 0.96) };
    const { events } = measure(change, { seconds: 5, begin: BEGIN });
    expect(events.map(({ kind }) => kind)).toEqual(['rapid-change']);
    const [rapid] = events as [PowerQualityEvent];
    expect(Math.abs(rapid.depth - (0.08 * rms) / 230)).toBeLessThan(5e-3);
    expect(Math.abs(rapid.steadyChange - (0.04 * rms) / 230)).toBeLessThan(5e-3);
    expect(Math.abs(rapid.start - BEGIN - 2000)).toBeLessThan(25);
    expect(Math.abs(rapid.duration - 0.3)).toBeLessThan(0.15);
  });

  it('are none while the voltage drifts slowly or dips', () => {
    const drift: Wave = { ...wave, envelope: (t) => 1 - 0.012 * t };
    expect(measure(drift, { seconds: 5 }).events).toEqual([]);
    expect(measure(stepped(0.6, 2, 2.2), { seconds: 5 }).events.map(({ kind }) => kind)).toEqual(['dip']);
  });
});
