import { UNITS } from '@smx-edge/model';
import { ByteMemo } from './byte-memo.js';
import { NUMBER_OK, NumberField, UNIT_NONE } from './number-field.js';
import type { GroupRange } from './sub-meters.js';
import type { MonthPeak, PowerFailure } from './telegram.js';
import { TST_LOCAL, TST_OK, TstField } from './tst.js';

const W = UNITS.indexOf('W');
const S = UNITS.indexOf('s');
const KILO = 3;

/** Reads the two lists of a telegram; as long as their bytes stay the same, the list read before is given again. */
export class Histories {
  private readonly peakMemo = new ByteMemo();
  private readonly failureMemo = new ByteMemo();
  private peakList: readonly MonthPeak[] | null = null;
  private failureList: readonly PowerFailure[] = [];

  constructor(
    private readonly tst: TstField,
    private readonly number: NumberField,
    private readonly localToUtc: ((local: number) => number) | undefined,
  ) {}

  /**
   * `(N)(1-0:1.6.0)(1-0:1.6.0)` and N times (closing time)(time of the peak)(value), eMUCS-P1 1.7.1. Null where the
   * object holds something else: Hungarian meters send month-end registers under this code, others the count alone.
   */
  peaks(groups: GroupRange): readonly MonthPeak[] | null {
    if (!this.peakMemo.same(groups.bytes, groups.from[groups.first]!, groups.to[groups.last - 1]!))
      this.peakList = this.readPeaks(groups);
    return this.peakList;
  }

  /** `(z)(0-0:96.7.19)` and z times (end)(seconds), DSMR P1 4.0 and later. Entries without a valid time are left out. */
  failures(groups: GroupRange): readonly PowerFailure[] {
    if (!this.failureMemo.same(groups.bytes, groups.from[groups.first]!, groups.to[groups.last - 1]!))
      this.failureList = this.readFailures(groups);
    return this.failureList;
  }

  private readPeaks({ bytes, from, to, first, last }: GroupRange): readonly MonthPeak[] | null {
    if (last - first < 3 || to[first]! - from[first]! > 2) return null;
    const peaks: MonthPeak[] = [];
    for (let g = first + 3; g + 2 < last; g += 3) {
      const closed = this.time(bytes, from[g]!, to[g]!);
      if (Number.isNaN(closed)) continue;
      const at = this.time(bytes, from[g + 1]!, to[g + 1]!);
      const power = this.quantity(bytes, { from: from[g + 2]!, to: to[g + 2]!, unit: W, assumed: KILO });
      peaks.push(Number.isNaN(at) || Number.isNaN(power) ? { closed, at: null, power: null } : { closed, at, power });
    }
    return peaks.sort((a, b) => a.closed - b.closed);
  }

  private readFailures({ bytes, from, to, first, last }: GroupRange): readonly PowerFailure[] {
    const failures: PowerFailure[] = [];
    for (let g = first + 2; g + 1 < last; g += 2) {
      const end = this.time(bytes, from[g]!, to[g]!);
      const duration = this.quantity(bytes, { from: from[g + 1]!, to: to[g + 1]!, unit: S, assumed: 0 });
      if (!Number.isNaN(end) && !Number.isNaN(duration)) failures.push({ end, duration });
    }
    return failures;
  }

  private time(bytes: Uint8Array, from: number, to: number): number {
    const status = this.tst.parse(bytes, from, to);
    if (status === TST_OK) return this.tst.ms;
    return status === TST_LOCAL && this.localToUtc !== undefined ? this.localToUtc(this.tst.ms) : NaN;
  }

  private quantity(bytes: Uint8Array, range: { from: number; to: number; unit: number; assumed: number }): number {
    const { number } = this;
    if (number.parse(bytes, range.from, range.to) !== NUMBER_OK || number.mantissa < 0) return NaN;
    return number.unit === range.unit || number.unit === UNIT_NONE ? number.value(range.assumed) : NaN;
  }
}
