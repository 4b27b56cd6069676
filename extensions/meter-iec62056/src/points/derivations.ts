import type { SampleValue } from '@smx-edge/extension-api';
import type { PointValue } from '@smx-edge/model';
import { derivedOf, type Derived } from '@smx-edge/protocols/obis-points';

/** Declares a point that is made of others, like one of them. */
type Declare = (path: string, like: string, maxAge: number) => void;

/** Points made of others where the meter has no register for them: net powers, and totals where there are tariffs only. */
export class Derivations {
  /** Paths the meter itself gives. */
  private readonly own = new Set<string>();
  private rules: readonly Derived[] = [];

  constructor(private readonly declare: Declare) {}

  /** Adds what can be made of the values of one reading alone: parts of different times give no sum. */
  add(values: Record<string, PointValue | SampleValue>, maxAge: number): void {
    const before = this.own.size;
    for (const path of Object.keys(values)) this.own.add(path);
    if (this.own.size !== before) this.rules = derivedOf(this.own);
    for (const { path, like, value } of this.rules) {
      const asked = new Set<string>();
      const made = value((part) => {
        asked.add(part);
        return plain(values[part]);
      });
      const parts = [...asked];
      if (!parts.every((part) => part in values)) continue;
      this.declare(path, like, maxAge);
      const doubt = parts.map((part) => values[part]).find(isUncertain);
      values[path] =
        made === null
          ? { value: null, reason: 'a part is missing' }
          : {
              value: made,
              ...(doubt?.quality !== undefined && { quality: doubt.quality, reason: doubt.reason ?? '' }),
            };
    }
  }
}

function plain(sample: PointValue | SampleValue | undefined): PointValue {
  if (sample === undefined) return null;
  return typeof sample === 'object' && sample !== null && 'value' in sample ? sample.value : sample;
}

function isUncertain(sample: PointValue | SampleValue | undefined): sample is SampleValue {
  return typeof sample === 'object' && sample !== null && 'quality' in sample;
}
