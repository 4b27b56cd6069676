import {
  BAD,
  SampleSpacing,
  STALE,
  windowEnd,
  windowStart,
  WindowAccumulator,
  type Aggregate,
  type Zone,
} from '@smx-edge/model';
import { Fresh, rounded, type Row } from './raw-rows.js';
import type { SampleSource, StoredSample } from './sample-source.js';

const WARM_UP = 2 * 3_600_000;
const WARM_UP_WINDOWS = 10_000;

export interface WindowQuery {
  readonly handle: number;
  /** Windows with from < end <= to. */
  readonly from: number;
  readonly to: number;
  readonly every: number;
  readonly as: Aggregate;
  readonly round?: number;
  /** Max age of the point, ms; 0 = speaks when it likes. */
  readonly maxAge: number;
  readonly zone: Zone;
  /** Windows that end later are not closed and not given, ms UTC. */
  readonly now: number;
}

/** Texts and lists have a last value per window and nothing else. */
class LastOther {
  private last: StoredSample | undefined;

  add(sample: StoredSample): void {
    this.last = sample;
  }

  close(): { value: StoredSample['value']; quality: number } {
    const closed = this.last ?? { value: null, quality: BAD };
    this.last = undefined;
    return closed;
  }
}

/**
 * One row per closed window, also for those without a sample (null, bad), beginning with the window of the oldest
 * sample the store has. Windows before the first row are worked out too, one at least and 2 h of them: a `delta` counts
 * from their last value, and they show how often the point speaks.
 */
export function* windowRows(source: SampleSource, query: WindowQuery): Generator<Row | undefined, void> {
  const { every, zone, as, maxAge, handle, round } = query;
  const oldest = source.oldest();
  if (oldest === undefined) return;
  const first = Math.max(windowEnd(query.from + 1, every, zone), windowEnd(oldest, every, zone));
  const to = Math.min(query.to, query.now);
  if (first > to) return;
  let start = warmUpStart(windowStart(first, every, zone), every, zone);
  let end = windowEnd(start + 1, every, zone);
  const from = start;
  const numbers = new WindowAccumulator(as);
  const others = new LastOther();
  const spacing = new SampleSpacing(maxAge);
  const fresh = new Fresh();
  let text = false;
  function* close(): Generator<Row, void> {
    const closed = text ? others.close() : numbers.close(spacing.expected(end - start));
    if (end >= first) yield { t: end, value: rounded(closed.value, round), quality: closed.quality };
    start = end;
    end = windowEnd(end + 1, every, zone);
  }
  for (const run of source.read({ handle, from, to })) {
    if (run === undefined) {
      yield undefined;
      continue;
    }
    for (const sample of run) {
      if (!fresh.is(sample)) continue;
      while (sample.t > end && end <= to) yield* close();
      if (end > to) return;
      if (sample.quality === STALE || sample.quality === BAD || sample.value === null) continue;
      spacing.add(sample.t);
      if (typeof sample.value === 'number') numbers.add(sample.value, sample.t, sample.quality);
      else {
        text = true;
        others.add(sample);
      }
    }
  }
  while (end <= to) yield* close();
}

function warmUpStart(start: number, every: number, zone: Zone): number {
  const length = Math.min(WARM_UP, every * WARM_UP_WINDOWS);
  return every >= length ? windowStart(start, every, zone) : windowEnd(start - length, every, zone);
}
