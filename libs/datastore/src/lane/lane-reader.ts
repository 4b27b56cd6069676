import type { BatchRange, GapBatch, LaneBatch, LaneName, LanePlan } from '@smx-edge/model';
import type { CutRow, LaneTable } from '../database/lane-table.js';
import type { CutState } from './cut-state.js';
import { Cutter, type Cut } from './cutter.js';
import { without } from './row-set.js';
import type { ContentContext } from './window-content.js';

/** A stretch of the stream between two kept states, cut again. */
interface Span {
  readonly start: CutRow;
  /** Number behind it, and the place in the journal where it ends. */
  readonly end: number;
  readonly to: number;
  readonly plan: LanePlan;
  /** From this number on it cannot be cut as it was, */
  readonly soundTo: number;
  /** for this reason. */
  readonly unsound: GapBatch['why'];
  /** Whether `soundTo` was found by cutting the whole span. */
  readonly isChecked: boolean;
}

interface Cursor {
  readonly span: Span;
  readonly cutter: Cutter;
  state: CutState;
}

export interface LaneReaderOptions {
  readonly table: LaneTable;
  readonly context: ContentContext;
  /** Where the cutting is now. */
  readonly head: () => CutRow;
  /** Kept states that are not in the table yet. */
  readonly unkept: () => readonly CutRow[];
}

/** Makes batches again, by cutting the journal anew from the kept state before them. */
export class LaneReader {
  private cursor: Cursor | undefined;

  constructor(
    private readonly name: LaneName,
    private readonly o: LaneReaderOptions,
  ) {}

  /** Forgets where it was: the kept states changed. */
  reset(): void {
    this.cursor = undefined;
  }

  read(from: number, count: number): LaneBatch[] {
    const found: LaneBatch[] = [];
    for (let seq = from; seq < from + count;) {
      const part = this.part(seq, from + count);
      if (part.length === 0) return found;
      found.push(...part);
      seq += part.length;
    }
    return found;
  }

  /** Batches from `seq` on, as far as one span goes. */
  private part(seq: number, end: number): LaneBatch[] {
    let cursor = this.cursorAt(seq);
    if (cursor === undefined) return [gap(seq, 'quota', [0, 0])];
    const gone = new Set(this.o.table.goneAfter(this.name, cursor.span.start.state.seq));
    const found: LaneBatch[] = [];
    while (cursor.state.seq < Math.min(end, cursor.span.soundTo)) {
      const step = cursor.cutter.step(cursor.state, cursor.span.to);
      if (step === undefined) break;
      if ((step.isDamaged || step.isErased) && !cursor.span.isChecked) {
        cursor = this.cursor = this.checked(cursor);
        continue;
      }
      const before = cursor.state.t;
      cursor.state = step.state;
      for (const cut of step.cuts)
        if (cut.seq >= seq && cut.seq < Math.min(end, cursor.span.soundTo))
          found.push(batch(cut, { before, gone, plan: cursor.span.plan }));
    }
    for (let next = seq + found.length; next < Math.min(end, cursor.span.end); next++)
      found.push(this.missing(next, cursor.span));
    return found;
  }

  private missing(seq: number, { start, end, unsound }: Span): GapBatch {
    const after = this.after(start);
    if (seq === end - 1 && after.gap !== undefined) return gap(seq, after.why ?? 'revoked', after.gap);
    const isTaken = start.state.position < this.o.context.source.oldest;
    return gap(seq, isTaken ? 'quota' : unsound, [Math.min(start.state.t, after.state.t), after.state.t]);
  }

  private cursorAt(seq: number): Cursor | undefined {
    const { table, context } = this.o;
    const start = this.before(seq);
    const plan = start === undefined ? undefined : table.plan(start.plan);
    if (start === undefined || plan === undefined) return undefined;
    const after = this.after(start);
    const { cursor } = this;
    const isSame = cursor?.span.start.state.position === start.state.position && cursor.state.seq <= seq;
    if (isSame && cursor.span.end === after.state.seq) return cursor;
    const end = after.state.seq;
    const soundTo = after.gap === undefined ? end : end - 1;
    const span: Span = { start, end, soundTo, unsound: 'corrupt', isChecked: false, to: after.state.position, plan };
    const state = isSame ? cursor.state : start.state;
    const next = { span, cutter: isSame ? cursor.cutter : new Cutter(plan, context), state };
    const isTaken = start.state.position < context.source.oldest;
    // the last span was counted when it was cut; of the others a part may have got lost without a trace
    const isLast = after.state === this.o.head().state;
    return (this.cursor = isTaken ? { ...next, span: { ...span, soundTo: 0 } } : isLast ? next : this.checked(next));
  }

  /**
   * The cursor with `soundTo` found out. Damage may have taken a mark, and then every later batch of the span would bear
   * the number of another: it holds as far as the damage, or wholly where the count is right. Erasing may have emptied
   * batches, which then count as gaps where that makes the count right.
   */
  private checked({ span, cutter, state }: Cursor): Cursor {
    const found = count(span, cutter);
    const whole = { ...span, soundTo: span.soundTo, isChecked: true };
    if (found.end === span.soundTo) return { cutter, state, span: whole };
    if (found.erased !== undefined && found.damaged === undefined) {
      const counting = new Cutter(span.plan, this.o.context, true);
      // numbers so far were counted otherwise
      if (count(span, counting).end === span.soundTo) return { cutter: counting, state: span.start.state, span: whole };
    }
    const unsound = found.damaged === undefined && found.erased !== undefined ? 'revoked' : 'corrupt';
    const soundTo = found.damaged ?? found.erased ?? span.start.state.seq;
    return { cutter, state, span: { ...whole, soundTo, unsound } };
  }

  private before(seq: number): CutRow | undefined {
    const row = this.o.unkept().findLast(({ state }) => state.seq <= seq);
    return row ?? this.o.table.cutBefore(this.name, seq);
  }

  private after({ state }: CutRow): CutRow {
    const kept = this.o.table.cutAfter(this.name, state);
    return kept ?? this.o.unkept().find((row) => row.state.seq > state.seq) ?? this.o.head();
  }
}

/** The number behind the span as it is cut now, and the first batch that met damage or something erased. */
function count(span: Span, cutter: Cutter): { end: number; damaged: number | undefined; erased: number | undefined } {
  let { state } = span.start;
  let damaged: number | undefined;
  let erased: number | undefined;
  for (let step = cutter.step(state, span.to); step !== undefined; step = cutter.step(state, span.to)) {
    if (step.isDamaged) damaged ??= state.seq;
    if (step.isErased) erased ??= state.seq;
    ({ state } = step);
  }
  return { end: state.seq, damaged, erased };
}

function batch(
  cut: Cut,
  { before, gone, plan }: { before: number; gone: ReadonlySet<number>; plan: LanePlan },
): LaneBatch {
  const rows = cut.rows();
  if (typeof rows === 'string') return gap(cut.seq, rows, [Math.min(before, cut.t), cut.t]);
  const given = gone.size === 0 ? rows : without(rows, gone);
  if (given.id.length === 0) return gap(cut.seq, 'revoked', [Math.min(before, cut.t), cut.t]);
  return { seq: cut.seq, cut: cut.t, plan, ...given };
}

function gap(seq: number, why: GapBatch['why'], [from, to]: BatchRange): GapBatch {
  return { seq, cut: to, gap: [from, to], why };
}
