import { measure } from '../../test-support/measured.js';
import { house, powerOf, type Channel, type Wave } from '../../test-support/wave.js';
import type { Values } from './index.js';

const THIRD = (2 * Math.PI) / 3;
const wave = (voltage: readonly Channel[], current: readonly Channel[]): Wave => ({
  rate: 2600,
  frequency: () => 50.02,
  voltage,
  current,
});
const last = (of: Wave, wiring: 'single' | '3-wire' | '4-wire'): Values =>
  measure(of, { seconds: 1, wiring }).windows.at(-1)!;

/** RMS and phase of a sum of phasors. */
function sum(...parts: readonly (readonly [share: number, phase: number])[]): { rms: number; phase: number } {
  const re = parts.reduce((total, [share, phase]) => total + share * Math.cos(phase), 0);
  const im = parts.reduce((total, [share, phase]) => total + share * Math.sin(phase), 0);
  return { rms: Math.hypot(re, im), phase: Math.atan2(im, re) };
}

/** Three phases made of a positive, a negative and a zero sequence. */
const sequences = (positive: number, negative: number, zero: number): { rms: number; phase: number }[] =>
  [0, 1, 2].map((k) => sum([positive, -k * THIRD], [negative, k * THIRD + 0.7], [zero, 1.1]));

const amps = [10, 4, 7].map((rms, k) => ({ rms, phase: -k * THIRD - 0.3 }));

describe('unbalance', () => {
  it('of four wires is negative and zero sequence over the positive', () => {
    const values = last(wave(sequences(230, 4.6, 2.3), amps), '4-wire');
    expect(values.negativeSequence).toBeCloseTo(0.02, 5);
    expect(values.zeroSequence).toBeCloseTo(0.01, 5);
  });

  it('of three wires has no zero sequence', () => {
    const [a, b, c] = sequences(133, 2.66, 0) as [Channel, Channel, Channel];
    const between = (x: Channel, y: Channel): Channel => sum([x.rms, x.phase], [-y.rms, y.phase]);
    const lines = wave([between(a, b), { rms: 0, phase: 0 }, between(c, b)], amps);
    const values = last(lines, '3-wire');
    expect(values.negativeSequence).toBeCloseTo(0.02, 5);
    expect(values.zeroSequence).toBeNaN();
    expect(values.voltage[1]).toBeCloseTo(between(c, a).rms, 1);
  });
});

describe('wiring', () => {
  it('with three wires measures all power by two products', () => {
    const phases = sequences(133, 0, 0) as [Channel, Channel, Channel];
    const [a, b, c] = phases;
    const i1 = { rms: 10, phase: -0.3 };
    const i3 = { rms: 7, phase: -2 * THIRD - 0.1 };
    const i2 = sum([-i1.rms, i1.phase], [-i3.rms, i3.phase]);
    const between = (x: Channel, y: Channel): Channel => sum([x.rms, x.phase], [-y.rms, y.phase]);
    const values = last(wave([between(a, b), { rms: 0, phase: 0 }, between(c, b)], [i1, i2, i3]), '3-wire');
    const truth = powerOf(a, i1) + powerOf(b, i2) + powerOf(c, i3);
    expect(values.activeTotal / truth).toBeCloseTo(1, 4);
    expect(values.active[1]).toBeNaN();
    const reactive = [a, b, c].reduce((q, u, k) => {
      const i = [i1, i2, i3][k]!;
      return q + u.rms * i.rms * Math.sin(u.phase - i.phase);
    }, 0);
    expect(values.reactiveTotal / reactive).toBeCloseTo(1, 3);
    expect(values.factor()).toBeLessThan(1);
  });

  it('of one phase leaves the others unknown', () => {
    const values = last(wave([{ rms: 230, phase: 0 }], [{ rms: 5, phase: Math.PI }]), 'single');
    expect(values.activeTotal / -1150).toBeCloseTo(1, 4);
    expect(values.factor()).toBeCloseTo(-1, 4);
    expect([values.voltage[1], values.active[2], values.neutral, values.negativeSequence]).toEqual([
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
  });

  it('gives a power factor for each phase and all', () => {
    const values = last(house(2600), '4-wire');
    expect(values.factor(0)).toBeCloseTo(values.active[0]! / (values.voltage[0]! * values.current[0]!), 9);
    expect(values.factor()).toBeCloseTo(
      values.activeTotal / (values.apparent[0]! + values.apparent[1]! + values.apparent[2]!),
      9,
    );
  });
});
