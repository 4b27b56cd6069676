import { roundTo, windowEnd, windowStart, type HistoryValue, type Zone } from '@smx-edge/model';
import { rawRows } from '../history/raw-rows.js';
import { RunBuilder, valueAt, type OneSample, type RunValue, type SampleRun } from '../history/sample-run.js';
import type { SampleSource } from '../history/sample-source.js';
import { windowRows } from '../history/window-rows.js';
import type { CommitSource } from './commit-source.js';
import type { Group } from './groups.js';
import { RowSet, type Rows } from './row-set.js';

/** Source times lie within 10 min of the receive time (contracts §3). */
const TRUSTED = 10 * 60_000;
/** A rate looks back this far at least for the sample before. */
const LOOK_BACK = 60_000;

/** Windows with from < end <= to, out of what stands before position `asOf`. */
export interface WindowSpan {
  readonly from: number;
  readonly to: number;
  readonly asOf: number;
}

export interface ContentContext {
  readonly source: CommitSource;
  readonly zone: () => Zone;
}

/** Closed windows, or the last samples of the parts of a rate, as rows; why not where the journal has them no more. */
export function windowContent(group: Group, span: WindowSpan, context: ContentContext): Rows | 'quota' | 'corrupt' {
  const samples = committed(group, span, context.source);
  if (typeof samples === 'string') return samples;
  const { every } = group;
  const rows = new RowSet();
  for (const form of group.forms.values()) {
    const source: SampleSource = {
      oldest: () => span.from + 1,
      *read({ handle, from, to }) {
        const run = new RunBuilder();
        for (const { t, value, quality } of samples.get(handle) ?? [])
          if (t > from && t <= to) run.add(t, value, quality);
        yield run.take();
      },
    };
    const { from, to } = span;
    const { handle, as, maxAge } = form;
    const isBoolean = form.isBoolean === true && (every === 0 || as === 'last');
    const round = form.round === 0 ? undefined : form.round;
    const found =
      every === 0
        ? lastOfParts(each(rawRows(source.read({ handle, from: -Infinity, to }), round)), group.interval)
        : each(
            windowRows(source, {
              ...{ handle, from, to, every, as, zone: context.zone(), now: to, maxAge },
              ...(round === undefined ? {} : { round }),
            }),
          );
    for (const { t, value, quality } of found)
      if (t > from && (every === 0 || endsPart(t, group)))
        rows.add(t, { handle, value: plain(value, isBoolean), quality });
  }
  return rows.take(group.interval > 0 ? undefined : every);
}

/** A value as the point has it: only the catalogue knows that 0 and 1 are truth values. */
export function plain(value: RunValue, isBoolean: boolean | undefined): HistoryValue {
  return isBoolean === true && value !== null ? value === 1 : value;
}

/** To a multiple of `step`, 0 = as it is. */
export function rounded(value: RunValue, step: number): RunValue {
  if (step === 0 || value === null || typeof value === 'string') return value;
  return typeof value === 'number' ? roundTo(value, step) : value.map((part) => roundTo(part, step));
}

/** Samples that windows of the span rest on, by handle, in order of time. */
function committed(
  { every, interval, forms }: Group,
  { from, to, asOf }: WindowSpan,
  source: CommitSource,
): Map<number, OneSample[]> | 'quota' | 'corrupt' {
  // a delta counts from the window before, and by it is known how often a point speaks
  const start = from - Math.max(every, interval, LOOK_BACK);
  const position = source.positionOf(start - TRUSTED);
  if (position === undefined) return 'quota';
  const found = new Map<number, OneSample[]>();
  let isDamaged = false;
  for (const record of source.read({ from: position, to: asOf, handles: forms })) {
    if ('damaged' in record) {
      isDamaged = true;
      continue;
    }
    if ('erased' in record) continue;
    // damage before anything that matters here is not of interest
    if (isDamaged && record.received >= start - TRUSTED) return 'corrupt';
    isDamaged = false;
    for (const { handle, t, quality, value } of record.samples) {
      if (t <= start || t > to) continue;
      const known = found.get(handle);
      if (known === undefined) found.set(handle, [{ t, quality, value }]);
      else known.push({ t, quality, value });
    }
  }
  if (isDamaged) return 'corrupt';
  for (const samples of found.values()) samples.sort((a, b) => a.t - b.t);
  return found;
}

function* each(runs: Iterable<SampleRun | undefined>): Generator<OneSample, void> {
  for (const run of runs)
    if (run !== undefined)
      for (let i = 0; i < run.n; i++) yield { t: run.t[i]!, value: valueAt(run, i), quality: run.quality[i]! };
}

function* lastOfParts(rows: Iterable<OneSample>, interval: number): Generator<OneSample, void> {
  let last: OneSample | undefined;
  for (const row of rows) {
    if (last !== undefined && windowEnd(row.t, interval) > windowEnd(last.t, interval)) yield last;
    last = row;
  }
  if (last !== undefined) yield last;
}

/** Whether a window is the last of its part of the rate. */
function endsPart(end: number, { every, interval }: Group): boolean {
  return interval === 0 || windowEnd(end + every, interval) > windowEnd(end, interval);
}

/** The last window end with from < end <= to. */
export function lastEnd(group: Group, { from, to }: { from: number; to: number }, zone: Zone): number | undefined {
  const length = group.every === 0 ? group.interval : group.every;
  let end = windowEnd(to, length, zone);
  if (end > to) end = windowStart(end, length, zone);
  return end > from ? end : undefined;
}
