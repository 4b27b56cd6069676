import {
  BatchRanges,
  type BatchRange,
  type LaneBatch,
  type LaneHead,
  type LaneName,
  type LanePlan,
  type PlanChange,
} from '@smx-edge/model';
import type { CutRow, LaneTable } from '../database/lane-table.js';
import { beginAt, withoutSamples, type CutState } from './cut-state.js';
import { Cutter } from './cutter.js';
import { positionSegment } from '../journal/position.js';
import { LaneReader } from './lane-reader.js';
import { groupsOf } from './groups.js';
import type { ContentContext } from './window-content.js';

/** Batches between two kept states: so many are cut again at a start, or to reach one in the middle. */
const BETWEEN = 256;
/** Windows wait a little for late samples, ms. */
const WINDOW_GRACE = 2000;
/** Numbers behind the last kept state that may be given: a tail of the journal that is lost costs no more. */
const AHEAD = 2 * BETWEEN;

/** One stream in the store's thread: where it is cut, up to which number, and what was acknowledged. */
export class Lane {
  readonly acked: BatchRanges;
  /** Has something to keep. */
  isDirty = false;
  private cutter: Cutter;
  private readonly reader: LaneReader;
  /** States to keep, in order; the last kept one before them is in the table. */
  private unkept: CutRow[] = [];
  private keptSeq: number;

  private constructor(
    readonly name: LaneName,
    private present: { plan: LanePlan; planId: number; state: CutState },
    private readonly o: { table: LaneTable; context: ContentContext; acked: BatchRanges },
  ) {
    this.acked = o.acked;
    this.cutter = new Cutter(present.plan, o.context);
    this.keptSeq = present.state.seq;
    this.reader = new LaneReader(name, {
      ...o,
      head: () => ({ plan: this.present.planId, state: this.present.state, gone: [] }),
      unkept: () => this.unkept,
    });
  }

  /** The stream as it was left, undefined where it was never opened. */
  static load(name: LaneName, table: LaneTable, context: ContentContext): Lane | undefined {
    const row = table.row(name);
    const last = row?.open === true ? table.cutBefore(name, Number.MAX_SAFE_INTEGER) : undefined;
    const plan = last === undefined ? undefined : table.plan(last.plan);
    if (row === undefined || last === undefined || plan === undefined) return undefined;
    const acked = new BatchRanges(row.acked);
    const lane = new Lane(name, { plan, planId: last.plan, state: last.state }, { table, context, acked });
    lane.recover(row.next);
    return lane;
  }

  /** Begins a stream at position `at`, or again one that was closed; within the caller's transaction. */
  static begin(
    name: LaneName,
    { plan, at, t }: { plan: LanePlan; at: number; t: number },
    { table, context }: { table: LaneTable; context: ContentContext },
  ): Lane {
    const next = table.row(name)?.next ?? 1;
    const planId = table.planId(plan);
    const acked = new BatchRanges(next > 1 ? [[1, next - 1]] : []);
    const state = beginAt(at, t, next);
    const lane = new Lane(name, { plan, planId, state }, { table, context, acked });
    table.putCut(name, { plan: planId, state, gone: [] });
    lane.keep();
    return lane;
  }

  get plan(): LanePlan {
    return this.present.plan;
  }

  get head(): LaneHead {
    return { next: this.present.state.seq, acked: this.acked.list };
  }

  /** Cuts what was committed since. Tells whether there are new batches. */
  advance(): boolean {
    const { seq: before } = this.present.state;
    const { end } = this.o.context.source;
    for (;;) {
      const { state } = this.present;
      if (state.seq >= this.keptSeq + AHEAD) break;
      if (state.position < this.o.context.source.oldest) {
        this.passOver();
        continue;
      }
      const step = this.cutter.step(state, end);
      if (step === undefined) break;
      this.present = { ...this.present, state: step.state };
      this.noteWhereDue(state.position);
    }
    return this.present.state.seq > before;
  }

  /** Whether there is something to cut as soon as a mark comes. */
  wantsMark(now: number): boolean {
    const { end } = this.o.context.source;
    const { position, raw, windows } = this.present.state;
    if (position < end || Object.values(raw).some((group) => group.position < end)) return true;
    return groupsOf(this.present.plan).some(({ key, every, interval }) => {
      const state = windows[key];
      return state !== undefined && now >= state.bound + Math.max(every, interval) + WINDOW_GRACE;
    });
  }

  /**
   * Goes on under another plan from the last boundary on; within the caller's transaction. Points that it did not have
   * before are given from receive time `since` on. `at`: what is committed now.
   */
  change(plan: LanePlan, { at, t, gone, since }: PlanChange & { at: number; t: number }): void {
    const { table } = this.o;
    const { state, plan: before } = this.present;
    this.keepUnkept();
    const known = new Set(before.forms.map((form) => JSON.stringify(form)));
    const fresh = plan.forms.filter((form) => !known.has(JSON.stringify(form)));
    const keys = new Set(groupsOf(plan).map(({ key }) => key));
    const kept = <T>(groups: Record<string, T>): Record<string, T> =>
      Object.fromEntries(Object.entries(groups).filter(([key]) => keys.has(key)));
    const next: CutState = {
      ...state,
      seq: gone.length > 0 ? state.seq + 1 : state.seq,
      raw: kept(state.raw),
      windows: kept(state.windows),
      since: [
        ...state.since.filter(({ handle }) => !fresh.some((form) => form.handle === handle)),
        ...fresh.map(({ handle }) => ({ handle, t: since, at })),
      ],
    };
    // windows of a group that is new end after now
    for (const { key, isRaw } of groupsOf(plan)) if (!isRaw) next.windows[key] ??= { bound: t, lag: 0, lagBefore: 0 };
    // a plan that never came to a boundary gives its place to the next
    const replaced = table.cutBefore(this.name, next.seq);
    const { seq, position } = next;
    const earlier = replaced?.state.seq === seq && replaced.state.position === position ? replaced : undefined;
    const planId = table.planId(plan);
    const told: Pick<CutRow, 'gap' | 'why'> =
      gone.length > 0
        ? { gap: [Math.min(state.t, t), t], why: 'revoked' }
        : earlier?.gap === undefined
          ? {}
          : { gap: earlier.gap, why: earlier.why ?? 'revoked' };
    table.putCut(this.name, {
      ...{ plan: planId, state: next, gone: [...new Set([...(earlier?.gone ?? []), ...gone])] },
      ...told,
    });
    this.present = { plan, planId, state: next };
    this.cutter = new Cutter(plan, this.o.context);
    this.keep();
    this.reader.reset();
  }

  read(from: number, count: number): LaneBatch[] {
    return this.reader.read(from, Math.min(count, this.present.state.seq - from));
  }

  /** Gives what is new of it. */
  ack(ranges: LaneHead['acked']): BatchRange[] {
    const { seq } = this.present.state;
    const given = ranges.map(([from, to]): BatchRange => [Math.max(1, from), Math.min(to, seq - 1)]);
    const fresh = given.filter((range) => this.acked.add(range));
    this.isDirty ||= fresh.length > 0;
    return fresh;
  }

  /** Puts what is new into the table, within the caller's transaction. */
  keep(): void {
    this.keepUnkept();
    const { table, context } = this.o;
    const { state } = this.present;
    table.put(this.name, { open: true, next: Math.max(state.seq, this.keptSeq + AHEAD), acked: this.acked.list });
    // what retention took is only of use while it must be told
    const oldest = table.cutBefore(this.name, this.acked.firstMissing(1));
    if (oldest !== undefined && oldest.state.position < context.source.oldest)
      table.dropCuts(this.name, oldest.state.seq);
    this.isDirty = false;
  }

  /**
   * Samples of points before `before` are about to be erased: keeps where the cutting is, since what was cut of them cannot
   * be cut again, and forgets them; within the caller's transaction.
   */
  erase(handles: ReadonlySet<number>, before: number): void {
    this.keepUnkept();
    this.present = { ...this.present, state: withoutSamples(this.present.state, handles, before) };
    const { seq, position } = this.present.state;
    const last = this.o.table.cutBefore(this.name, seq)?.state;
    if (last?.seq !== seq || last.position !== position) this.note();
    this.keep();
    this.reader.reset();
  }

  /** Ends it within the caller's transaction. */
  close(): void {
    const { table } = this.o;
    table.dropCuts(this.name);
    table.put(this.name, { open: false, next: this.present.state.seq, acked: [] });
  }

  /** Retention took what was not cut yet: a batch tells it, and the cutting goes on behind. */
  private passOver(): void {
    const { state } = this.present;
    const { oldest } = this.o.context.source;
    const raw = Object.fromEntries(
      Object.entries(state.raw).map(([key, group]) => [key, { ...group, position: Math.max(group.position, oldest) }]),
    );
    this.present = { ...this.present, state: { ...state, seq: state.seq + 1, position: oldest, raw } };
    const [first] = this.o.context.source.read({ from: oldest, to: this.o.context.source.end });
    const to = first !== undefined && 'received' in first ? Math.max(state.t, first.received) : state.t;
    this.note({ gap: [state.t, to], why: 'quota' });
  }

  /** Keeps the state every so many batches, and in each segment: what retention takes then ends no later batch. */
  private noteWhereDue(before: number): void {
    const { seq, position } = this.present.state;
    const last = this.unkept.at(-1)?.state.seq ?? this.keptSeq;
    if (seq >= last + BETWEEN || positionSegment(position) > positionSegment(before)) this.note();
  }

  private note(gap: Pick<CutRow, 'gap' | 'why'> = {}): void {
    const { planId: plan, state } = this.present;
    this.unkept.push({ plan, state, gone: [], ...gap });
    this.isDirty = true;
  }

  private keepUnkept(): void {
    for (const row of this.unkept) this.o.table.putCut(this.name, row);
    this.keptSeq = this.unkept.at(-1)?.state.seq ?? this.keptSeq;
    this.unkept = [];
  }

  /**
   * Cuts again what was cut after the last kept state. Where a part of that tail is lost nobody knows how many batches
   * it was: numbering goes on behind the last number that may have been given.
   */
  private recover(bound: number): void {
    const { source } = this.o.context;
    let { state } = this.present;
    let isDamaged = state.position < source.oldest;
    for (
      let step = this.cutter.step(state, source.end);
      step !== undefined;
      step = this.cutter.step(state, source.end)
    ) {
      ({ state } = step);
      isDamaged ||= step.isDamaged;
      if (isDamaged) break;
      const { position } = this.present.state;
      this.present = { ...this.present, state };
      this.noteWhereDue(position);
    }
    if (!isDamaged) return;
    const last = this.present.state;
    this.unkept.push({ plan: this.present.planId, state: last, gone: [] });
    const t = lastMark(source, last.position) ?? last.t;
    const after = { ...last, seq: Math.max(bound, last.seq), position: source.end, t: Math.max(t, last.t) };
    this.present = { ...this.present, state: after };
    this.note();
  }
}

/** Time of the last mark behind a position, ms UTC; undefined where there is none. */
function lastMark(source: ContentContext['source'], from: number): number | undefined {
  let t: number | undefined;
  for (const record of source.read({ from, to: source.end }))
    if ('isMark' in record && record.isMark) t = record.received;
  return t;
}
