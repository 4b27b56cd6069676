import { AT, SPECTRUM } from './values.js';

/**
 * Groups of the lines of a spectrum, 5 Hz apart (IEC 61000-4-7). Lines hold mean squares; `perOrder` of them lie from one order to the next: 10 at 50 Hz,
 * 12 at 60 Hz.
 */
export class SpectralGroups {
  readonly lines: Float64Array;

  constructor(
    count: number,
    private readonly perOrder: number,
  ) {
    this.lines = new Float64Array(count);
  }

  /** Writes what is told of a channel, by its number: orders up to `orders`, what lies between them, distortion. */
  write(row: Float64Array, channel: number, orders: number): void {
    const harmonics = AT.harmonics + channel * SPECTRUM;
    const between = AT.interharmonics + channel * SPECTRUM;
    let distortion = 0;
    for (let order = 0; order < SPECTRUM; order++) {
      const isTold = order <= orders;
      row[harmonics + order] = isTold ? this.subgroup(order) : NaN;
      row[between + order] = order < orders ? this.centredSubgroup(order) : NaN;
      if (order > 1 && isTold) distortion += row[harmonics + order]!;
    }
    // THDS: subgroups over that of the fundamental, up to the highest order told
    row[AT.voltageDistortion + channel] = Math.sqrt(distortion / row[harmonics + 1]!);
    for (let order = 0; order < SPECTRUM; order++) {
      row[harmonics + order] = Math.sqrt(row[harmonics + order]!);
      row[between + order] = Math.sqrt(row[between + order]!);
    }
  }

  /** Harmonic subgroup: the line of an order and its two neighbours. Of order 0 the line alone. */
  private subgroup(order: number): number {
    const { lines } = this;
    if (order === 0) return lines[0]!;
    const middle = order * this.perOrder;
    return lines[middle - 1]! + lines[middle]! + lines[middle + 1]!;
  }

  /** Interharmonic centred subgroup: the lines between the subgroups of an order and the next. */
  private centredSubgroup(order: number): number {
    const { lines, perOrder } = this;
    const first = order * perOrder;
    let sum = 0;
    for (let k = first + 2; k < first + perOrder - 1; k++) sum += lines[k]!;
    return sum;
  }
}
