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
import { Fresh, rounded } from './raw-rows.js';
import { RunBuilder, valueAt, type RunValue, type SampleRun } from './sample-run.js';
import type { SampleSource } from './sample-source.js';

const WARM_UP = 2 * 3_600_000;
const WARM_UP_WINDOWS = 10_000;
/** Rows given at a time. */
const ROWS = 1000;

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
  private last: { value: RunValue; quality: number } | undefined;

  add(value: RunValue, quality: number): void {
    this.last = { value, quality };
  }

  close(): { value: RunValue; quality: number } {
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
export function* windowRows(source: SampleSource, query: WindowQuery): Generator<SampleRun | undefined, void> {
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
  const rows = new RunBuilder();
  let text = false;
  function close(): void {
    const closed = text ? others.close() : numbers.close(spacing.expected(end - start));
    if (end >= first) rows.add(end, closed.value, closed.quality);
    start = end;
    end = windowEnd(end + 1, every, zone);
  }
  for (const run of source.read({ handle, from, to })) {
    if (run === undefined) {
      yield undefined;
      continue;
    }
    const samples = fresh.of(run);
    for (let i = 0; i < samples.n; i++) {
      const t = samples.t[i]!;
      while (t > end && end <= to) {
        close();
        if (rows.n >= ROWS) yield rounded(rows.take(), round);
      }
      if (end > to) break;
      const quality = samples.quality[i]!;
      if (quality === STALE || quality === BAD) continue;
      const value = samples.number[i]!;
      if (!Number.isNaN(value)) {
        spacing.add(t);
        numbers.add(value, t, quality);
      } else if (samples.other?.[i] !== undefined) {
        spacing.add(t);
        text = true;
        others.add(valueAt(samples, i), quality);
      }
    }
    if (end > to) break;
  }
  while (end <= to) {
    close();
    if (rows.n >= ROWS) yield rounded(rows.take(), round);
  }
  if (rows.n > 0) yield rounded(rows.take(), round);
}

function warmUpStart(start: number, every: number, zone: Zone): number {
  const length = Math.min(WARM_UP, every * WARM_UP_WINDOWS);
  return every >= length ? windowStart(start, every, zone) : windowEnd(start - length, every, zone);
}
