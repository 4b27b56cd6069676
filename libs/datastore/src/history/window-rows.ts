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
import { KeptAhead } from './kept-ahead.js';
import type { KeptWindows, SampleSource } from './sample-source.js';

const WARM_UP = 2 * 3_600_000;
const WARM_UP_WINDOWS = 10_000;
/** Rows given at a time. */
const ROWS = 4000;

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
export function* windowRows(
  source: SampleSource,
  query: WindowQuery,
  windows?: KeptWindows,
): Generator<SampleRun | undefined, void> {
  const { every, zone, as, maxAge, handle, round } = query;
  const oldest = earliest(source.oldest(), windows?.oldest(every));
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
  // an import is looked up anew each time it is named
  const [stale, bad] = [STALE, BAD];
  /** Spacing of the kept window that came last, until samples tell more. */
  let keptSpacing: number | undefined;
  const expected = (): number | undefined =>
    keptSpacing === undefined || maxAge <= 0 ? spacing.expected(end - start) : (end - start) / (keptSpacing || maxAge);
  function close(): void {
    const closed = text ? others.close() : numbers.close(expected());
    if (end >= first) rows.add(end, closed.value, closed.quality);
    start = end;
    end = windowEnd(end + 1, every, zone);
  }
  const found = windows?.cover({ handle, from, to, every, as });
  // zones that are no multiple of a quarter off have windows of their own
  const cover = found !== undefined && end % found.of.every === 0 ? found : undefined;
  const ahead = new KeptAhead(cover?.windows(), (span) => cover?.until(span) ?? -Infinity);
  const isRow = every === cover?.of.every && as !== 'delta';
  /** Takes in what is kept of the time before `t`. */
  function* takeKept(t: number): Generator<SampleRun, void> {
    for (let at = ahead.next(from, t); at !== undefined; at = ahead.next(from, t)) {
      const until = at.end;
      if (until > to) return;
      while (until > end && end <= to) {
        close();
        if (rows.n >= ROWS) yield rounded(rows.take(), round);
      }
      // windows that nothing else goes into are rows as they stand
      if (isRow && numbers.count === 0) {
        keptSpacing = at.spacing;
        end = ahead.rows({ rows, as, maxAge, first, before: Math.min(t, to + 1) }, end);
        start = end - every;
        if (rows.n >= ROWS) yield rounded(rows.take(), round);
      } else {
        ahead.pass();
        numbers.addPart(at);
        keptSpacing = at.spacing;
      }
    }
  }
  for (const run of source.read({ handle, from, to, without: cover })) {
    if (run === undefined) {
      yield undefined;
      continue;
    }
    const samples = fresh.of(run);
    for (let i = 0; i < samples.n; i++) {
      const t = samples.t[i]!;
      if (cover !== undefined) yield* takeKept(t);
      while (t > end && end <= to) {
        close();
        if (rows.n >= ROWS) yield rounded(rows.take(), round);
      }
      if (end > to) break;
      const quality = samples.quality[i]!;
      if (quality === stale || quality === bad) continue;
      const value = samples.number[i]!;
      if (!Number.isNaN(value)) {
        keptSpacing = undefined;
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
  yield* takeKept(Infinity);
  while (end <= to) {
    close();
    if (rows.n >= ROWS) yield rounded(rows.take(), round);
  }
  if (rows.n > 0) yield rounded(rows.take(), round);
}

const earliest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

function warmUpStart(start: number, every: number, zone: Zone): number {
  const length = Math.min(WARM_UP, every * WARM_UP_WINDOWS);
  return every >= length ? windowStart(start, every, zone) : windowEnd(start - length, every, zone);
}
