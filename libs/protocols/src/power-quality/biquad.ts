/** Coefficients b0 b1 b2 a1 a2 of a section of second order. */
export type Section = readonly [number, number, number, number, number];

/** (n2·s² + n1·s + n0)/(d2·s² + d1·s + d0) by the bilinear transform at `rate`, without warping compensated. */
export function bilinear(
  numerator: readonly [number, number, number],
  denominator: readonly [number, number, number],
  rate: number,
): Section {
  const c = 2 * rate;
  const digital = ([s2, s1, s0]: readonly [number, number, number]): [number, number, number] => [
    s2 * c * c + s1 * c + s0,
    2 * (s0 - s2 * c * c),
    s2 * c * c - s1 * c + s0,
  ];
  const [b0, b1, b2] = digital(numerator);
  const [a0, a1, a2] = digital(denominator);
  return [b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0];
}

/** Butterworth low-pass of order 6, `cutoff` in Hz, exact there. */
export function butterworth6(cutoff: number, rate: number): readonly Section[] {
  const w = 2 * rate * Math.tan((Math.PI * cutoff) / rate);
  return [1, 3, 5].map((k) => bilinear([0, 0, w * w], [1, 2 * w * Math.sin((Math.PI * k) / 12), w * w], rate));
}

/** Gain of sections in a row at a frequency in Hz. */
export function gainAt(sections: readonly Section[], frequency: number, rate: number): number {
  const w = (2 * Math.PI * frequency) / rate;
  return sections.reduce((gain, [b0, b1, b2, a1, a2]) => {
    const magnitude = (c0: number, c1: number, c2: number): number =>
      Math.hypot(c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w), c1 * Math.sin(w) + c2 * Math.sin(2 * w));
    return (gain * magnitude(b0, b1, b2)) / magnitude(1, a1, a2);
  }, 1);
}
