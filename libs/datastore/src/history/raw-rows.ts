import { BAD, roundTo, STALE } from '@smx-edge/model';
import type { StoredSample } from './sample-source.js';

/** A row on its way out: source time or window end, value, quality code. */
export interface Row {
  readonly t: number;
  readonly value: StoredSample['value'];
  readonly quality: number;
}

const same = (a: StoredSample['value'], b: StoredSample['value']): boolean =>
  Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => x === b[i]));

/**
 * Samples without those that tell nothing new of a time already given: a value restated as stale or bad, and the very
 * same sample delivered again. A correction (same time, other value) stays, behind what it corrects.
 */
export class Fresh {
  private last: StoredSample | undefined;

  is(sample: StoredSample): boolean {
    const { last } = this;
    if (last !== undefined && sample.t <= last.t) {
      if (sample.quality === STALE) return false;
      if (same(sample.value, last.value) && (sample.quality === last.quality || sample.quality === BAD)) return false;
    }
    this.last = sample;
    return true;
  }
}

export const rounded = (value: StoredSample['value'], step: number | undefined): StoredSample['value'] =>
  step === undefined || typeof value !== 'number' ? value : roundTo(value, step);

/** The samples themselves as rows. */
export function* rawRows(
  runs: Iterable<readonly StoredSample[] | undefined>,
  round: number | undefined,
): Generator<Row | undefined, void> {
  const fresh = new Fresh();
  for (const run of runs) {
    if (run === undefined) yield undefined;
    else
      for (const sample of run)
        if (fresh.is(sample)) yield { t: sample.t, value: rounded(sample.value, round), quality: sample.quality };
  }
}
