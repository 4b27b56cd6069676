import { BAD, STALE, windowEnd, windowStart, type LanePlan, type Zone } from '@smx-edge/model';
import { Fresh } from '../history/raw-rows.js';
import type { CommittedRecord } from './commit-source.js';
import { rawState, windowState, type CutState, type Joined, type RawState } from './cut-state.js';
import { groupsOf, type Group } from './groups.js';
import { MOST_BYTES, MOST_VALUES, RowSet, type Rows } from './row-set.js';
import { lastEnd, plain, rounded, windowContent, type ContentContext, type WindowSpan } from './window-content.js';

const DAY = 86_400_000;
/** Time a window waits for late samples after its end, beyond the usual lag of its sources, ms; as live windows do. */
const GRACE = 1000;
/** A source that lags more than this is not waited for, ms. */
const LONGEST_LAG = 10 * 60_000;
/** Marks come a little early or late: so much of `batch` is enough. */
const NEARLY = 0.95;

/** One batch as it was cut. */
export interface Cut {
  readonly seq: number;
  /** Time of the mark, ms UTC. */
  readonly t: number;
  rows(): Rows | 'quota' | 'corrupt' | 'revoked';
}

/** From one boundary to the next. */
export interface Step {
  readonly state: CutState;
  readonly cuts: readonly Cut[];
  /** A part of the journal between the two could not be read, so there may have been other marks. */
  readonly isDamaged: boolean;
  /** Samples between the two were erased, so there may have been a batch of nothing else. */
  readonly isErased: boolean;
}

interface Boundary {
  readonly position: number;
  readonly t: number;
  readonly elapsed: number;
}

/**
 * Cuts the journal into batches under one plan. What comes out follows from the journal, the plan and the state alone,
 * so batches that are made again are the same.
 */
export class Cutter {
  private readonly groups: readonly Group[];
  private readonly timed: ReadonlySet<number>;
  /** Bytes and values of one batch. */
  private readonly most: { readonly bytes: number; readonly values: number };

  /** `countErased`: what was erased was of points of the plan, so it was in batches, which are gaps now. */
  constructor(
    private readonly plan: LanePlan,
    private readonly context: ContentContext,
    private readonly countErased = false,
  ) {
    this.groups = groupsOf(plan);
    const bytes = Math.min(plan.most ?? MOST_BYTES, MOST_BYTES);
    this.most = { bytes, values: Math.floor((MOST_VALUES * bytes) / MOST_BYTES) };
    this.timed = new Set(this.groups.filter(({ isRaw }) => !isRaw).flatMap(({ forms }) => [...forms.keys()]));
  }

  /** The next boundary before position `to`, undefined where there is none. */
  step(state: CutState, to: number): Step | undefined {
    const lags = new Map<number, number>();
    const found = this.boundary(state, to, lags);
    if (found === undefined) return undefined;
    const { boundary, isDamaged, isErased } = found;
    const next: CutState = { ...state, ...boundary, raw: {}, windows: {}, since: [] };
    const cuts: Cut[] = [];
    for (const group of this.groups)
      for (const rows of group.isRaw
        ? this.rawCuts(group, { state, boundary, next })
        : this.windowCuts(group, { state, boundary, next, lags }))
        cuts.push({ seq: next.seq++, t: boundary.t, rows });
    const reached = Math.min(...Object.values(next.raw).map(({ position }) => position));
    next.since = state.since.filter(({ at }) => at > reached);
    return { state: next, cuts, isDamaged, isErased };
  }

  private boundary(
    state: CutState,
    to: number,
    lags: Map<number, number>,
  ): { boundary: Boundary; isDamaged: boolean; isErased: boolean } | undefined {
    let { elapsed, t } = state;
    let [isDamaged, isErased] = [false, false];
    const handles = this.timed.size === 0 ? {} : { handles: this.timed };
    for (const record of this.context.source.read({ from: state.position, to, ...handles })) {
      if ('damaged' in record) {
        isDamaged = true;
        continue;
      }
      if ('erased' in record) {
        isErased = true;
        continue;
      }
      for (const { handle, t: own, received } of record.samples)
        if (received - own <= LONGEST_LAG) lags.set(handle, Math.max(received - own, lags.get(handle) ?? -Infinity));
      if (!record.isMark) continue;
      elapsed += Math.max(0, record.received - t);
      t = record.received;
      if (elapsed - state.elapsed >= this.plan.batch * NEARLY)
        return { boundary: { position: record.end, t, elapsed }, isDamaged, isErased };
    }
    return undefined;
  }

  private *rawCuts(
    group: Group,
    { state, boundary, next }: { state: CutState; boundary: Boundary; next: CutState },
  ): Generator<Cut['rows']> {
    const before = rawState(state, group);
    const fresh = new Map(before.last.map(([handle, sample]) => [handle, new Fresh(sample)]));
    const joined = new Map(state.since.filter(({ at }) => at > before.position).map((one) => [one.handle, one]));
    const end = this.released(group, before, boundary);
    let rows = new RowSet();
    let [isDamaged, isErased] = [false, false];
    const close = (): Cut['rows'] => {
      const closed = isDamaged ? 'corrupt' : rows.isEmpty ? 'revoked' : rows.take();
      rows = new RowSet();
      [isDamaged, isErased] = [false, false];
      return () => closed;
    };
    for (const record of this.context.source.read({
      from: this.joinedFrom(group, before, joined),
      to: end.position,
      handles: group.forms,
    })) {
      if ('damaged' in record) {
        isDamaged ||= record.damaged[1] > before.position;
        continue;
      }
      if ('erased' in record) {
        isErased ||= this.countErased && record.erased[1] > before.position;
        continue;
      }
      for (const sample of record.samples) {
        this.addRow(sample, {
          group,
          fresh,
          join: joined.get(sample.handle),
          rows,
          isBefore: record.at < before.position,
        });
        if (rows.bytes >= this.most.bytes) yield close();
      }
    }
    if (!rows.isEmpty || isDamaged || isErased) yield close();
    const last = [...fresh].flatMap(([handle, { last: sample }]): RawState['last'] =>
      sample === undefined ? [] : [[handle, sample]],
    );
    next.raw[group.key] = { ...end, last };
  }

  /** `isBefore`: it stands before the last boundary. */
  private addRow(
    { handle, t, received, quality, value }: CommittedRecord['samples'][number],
    o: { group: Group; fresh: Map<number, Fresh>; join: Joined | undefined; rows: RowSet; isBefore: boolean },
  ): void {
    // what stands before was cut already, for all that did not join since
    if (o.join === undefined && o.isBefore) return;
    const known = o.fresh.get(handle);
    const point = known ?? new Fresh();
    if (known === undefined) o.fresh.set(handle, point);
    // what is only restated as stale is no news, also where what it restates was not seen
    if (point.last === undefined && (quality === STALE || (quality === BAD && value !== null))) return;
    if (!point.takes({ t, quality, value }) || received < (o.join?.t ?? -Infinity)) return;
    const { round, isBoolean } = o.group.forms.get(handle)!;
    const given = plain(rounded(value, round), isBoolean);
    o.rows.add(t, { handle, value: given, quality });
  }

  /** Where reading begins: a point may have joined before the last boundary was cut. */
  private joinedFrom(group: Group, before: RawState, joined: ReadonlyMap<number, Joined>): number {
    const times = [...joined.values()].flatMap(({ handle, t }) => (group.forms.has(handle) ? [t] : []));
    if (group.delay > 0 || times.length === 0) return before.position;
    return Math.min(before.position, this.context.source.positionOf(Math.min(...times)) ?? before.position);
  }

  /** How far samples of the group may be given: up to the last mark that is old enough. */
  private released({ delay }: Group, before: RawState, boundary: Boundary): Omit<RawState, 'last'> {
    if (delay === 0) return boundary;
    let { position, elapsed, t } = before;
    const released = { position, elapsed, t };
    for (const record of this.context.source.read({ from: position, to: boundary.position })) {
      if (!('isMark' in record) || !record.isMark) continue;
      elapsed += Math.max(0, record.received - t);
      t = record.received;
      if (elapsed + delay > boundary.elapsed) break;
      position = record.end;
      Object.assign(released, { position, elapsed, t });
    }
    return released;
  }

  private *windowCuts(
    group: Group,
    o: { state: CutState; boundary: Boundary; next: CutState; lags: Map<number, number> },
  ): Generator<Cut['rows']> {
    const zone = this.context.zone();
    const { boundary } = o;
    const before = windowState(o.state, group);
    const lag = Math.max(before.lag, ...[...group.forms.keys()].map((handle) => o.lags.get(handle) ?? 0));
    const length = group.every === 0 ? group.interval : group.every;
    const held = Math.max(GRACE + Math.ceil(Math.max(lag, before.lagBefore) / 1000) * 1000, group.delay);
    const due = boundary.t - held;
    const next = { bound: before.bound, lag, lagBefore: before.lagBefore };
    o.next.windows[group.key] = next;
    // a clock that was set far back: its windows come once more, and then go on
    if (due < before.bound - length) next.bound = due;
    const last = lastEnd(group, { from: next.bound, to: due }, zone);
    if (last === undefined) return;
    const most = Math.max(1, Math.floor(this.most.values / group.forms.size));
    for (const span of spans(group, { from: next.bound, to: last, asOf: boundary.position }, { zone, most }))
      yield () => windowContent(group, span, this.context);
    next.bound = last;
    next.lagBefore = lag;
    next.lag = 0;
  }
}

/** The windows of a span in parts of at most `most`. Of a time in which the box did not run only its edges are told. */
function* spans(group: Group, span: WindowSpan, { zone, most }: { zone: Zone; most: number }): Generator<WindowSpan> {
  const length = group.every === 0 ? group.interval : group.every;
  // windows of days are not all of one length
  const atOnce = length % DAY === 0 ? 1 : most;
  let { from } = span;
  if (span.to - from > Math.max(DAY, 2 * length)) {
    const first = windowEnd(from + 1, length, zone);
    yield { ...span, from, to: first };
    from = windowStart(span.to, length, zone);
  }
  while (from < span.to) {
    let to = from;
    for (let i = 0; i < atOnce && to < span.to; i++) to = windowEnd(to + 1, length, zone);
    yield { ...span, from, to };
    from = to;
  }
}
