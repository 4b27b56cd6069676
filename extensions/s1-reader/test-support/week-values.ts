import type { IntervalKind, IntervalValues } from '@smx-edge/protocols/power-quality';

const LENGTH = { '10-min': 600_000, '2-hour': 7_200_000, '150-cycle': 3000 } as const;

/** An interval of a house without faults that ends at `end`, ms UTC. */
export function intervalAt(end: number, kind: IntervalKind, change: Partial<IntervalValues> = {}): IntervalValues {
  const harmonics = (): Float64Array => new Float64Array(51).fill(0.2).fill(230, 1, 2);
  const values: Partial<IntervalValues> = {
    ...{ kind, start: end - LENGTH[kind], end, covered: 1, lost: 0, isFlagged: false, isSynced: true, orders: 25 },
    ...{ voltage: new Float64Array([231, 230, 229]), flicker: new Float64Array(3).fill(0.4), negativeSequence: 0.004 },
    ...{ voltageDistortion: new Float64Array(3).fill(0.03), voltageHarmonics: [harmonics(), harmonics(), harmonics()] },
    ...change,
  };
  return values as IntervalValues;
}
