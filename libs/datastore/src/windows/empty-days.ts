import type { Archive } from '../chunk/archive.js';
import type { Segment } from '../journal/segment.js';
import { DAY, QUARTERS, spanOf } from './resolution.js';

/** The day before the next sample after `day`: a clock that was set leaves years without any in one segment. */
export function* lastEmptyDay(
  day: number,
  { archive, files }: { readonly archive: Archive; readonly files: readonly Segment[] },
): Generator<undefined, number> {
  const end = (day + 1) * DAY;
  let next = Infinity;
  const note = (t: number): void => {
    if (t > end && t < next) next = t;
  };
  for (const { minT } of files) note(minT);
  for (const { seq, minT, maxT } of archive.segments) {
    note(minT);
    if (minT > end || maxT <= end) continue;
    for (const handle of archive.handles(seq)) {
      archive.read(seq, handle)?.t.forEach(note);
      yield undefined;
    }
  }
  return spanOf(next, QUARTERS) - 1;
}
