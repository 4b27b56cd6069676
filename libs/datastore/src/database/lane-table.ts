import type { BatchRange, LaneGapReason, LaneName, LanePlan } from '@smx-edge/model';
import { withoutSamples, type CutState } from '../lane/cut-state.js';
import type { Sqlite } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

/** What is kept of a stream beside its cuts. */
export interface LaneRow {
  /** False: it was closed, and only its numbers live on. */
  readonly open: boolean;
  /** No number from here on was ever given. */
  readonly next: number;
  readonly acked: readonly BatchRange[];
}

/**
 * The state of the cutting at one boundary, from which all batches up to the next such row follow; each plan begins
 * with one. Rows are in order of number and position: under a plan there may have been no batch.
 */
export interface CutRow {
  readonly plan: number;
  readonly state: CutState;
  /** Points that end with it: they are taken out of all batches before. */
  readonly gone: readonly number[];
  /** The batch before `state.seq` is a gap: from … to, ms UTC, and why. */
  readonly gap?: readonly [from: number, to: number];
  readonly why?: LaneGapReason;
}

interface Stored {
  readonly plan: number;
  readonly state: string;
  readonly gone: string;
  readonly gap: string | null;
}

const gapOf = ([from, to, why]: [number, number, LaneGapReason]): Pick<CutRow, 'gap' | 'why'> => ({
  gap: [from, to],
  why,
});

function cutOf(stored: Summed<Stored>): CutRow {
  const { plan, state, gone, gap } = asWritten('lane_cuts', stored);
  return {
    plan,
    state: JSON.parse(state) as CutState,
    gone: JSON.parse(gone) as number[],
    ...(gap === null ? {} : gapOf(JSON.parse(gap) as [number, number, LaneGapReason])),
  };
}

/** Tables whose rows mean something under their epoch only. */
export const LANE_TABLES = ['lanes', 'lane_plans', 'lane_cuts', 'lane_records'] as const;

const OF = 'principal = @principal AND stream = @stream';

/** Where the batches of links are cut, and which of them were acknowledged. Each write is within the caller's transaction. */
export class LaneTable {
  constructor(private readonly db: Sqlite) {}

  /** Streams that are open. */
  names(): LaneName[] {
    return this.db
      .prepare<[], LaneName>('SELECT principal, stream FROM lanes WHERE open = 1 ORDER BY principal, stream')
      .all();
  }

  row(lane: LaneName): LaneRow | undefined {
    const row = this.db
      .prepare<LaneName, Summed<{ open: number; next: number; acked: string }>>(
        `SELECT open, next, acked, sound FROM lanes WHERE ${OF}`,
      )
      .get(lane);
    if (row === undefined) return undefined;
    const { open, next, acked } = asWritten('lanes', row);
    return { open: open === 1, next, acked: JSON.parse(acked) as BatchRange[] };
  }

  put(lane: LaneName, { open, next, acked }: LaneRow): void {
    this.db
      .prepare('INSERT OR REPLACE INTO lanes VALUES (@principal, @stream, @open, @next, @acked)')
      .run({ ...lane, open: open ? 1 : 0, next, acked: JSON.stringify(acked) });
  }

  /** Id of a plan, which is kept where it is new. */
  planId(plan: LanePlan): number {
    const text = JSON.stringify(plan);
    this.db.prepare('INSERT OR IGNORE INTO lane_plans (plan) VALUES (?)').run(text);
    return this.db.prepare<[string], { id: number }>('SELECT id FROM lane_plans WHERE plan = ?').get(text)!.id;
  }

  plan(id: number): LanePlan | undefined {
    const sql = 'SELECT plan, sound FROM lane_plans WHERE id = ?';
    const row = this.db.prepare<[number], Summed<{ plan: string }>>(sql).get(id);
    return row === undefined ? undefined : (JSON.parse(asWritten('lane_plans', row).plan) as LanePlan);
  }

  putCut(lane: LaneName, { plan, state, gone, gap, why }: CutRow): void {
    this.db
      .prepare(
        'INSERT OR REPLACE INTO lane_cuts VALUES (@principal, @stream, @seq, @position, @plan, @state, @gone, @gap)',
      )
      .run({
        ...lane,
        ...{ seq: state.seq, position: state.position, plan },
        ...{ state: JSON.stringify(state), gone: JSON.stringify(gone) },
        gap: gap === undefined ? null : JSON.stringify([...gap, why]),
      });
  }

  /** The last state at or before a batch, undefined where there is none any more. */
  cutBefore(lane: LaneName, seq: number): CutRow | undefined {
    const row = this.db
      .prepare<LaneName & { seq: number }, Summed<Stored>>(
        `SELECT plan, state, gone, gap, sound FROM lane_cuts WHERE ${OF} AND seq <= @seq ORDER BY seq DESC, position DESC LIMIT 1`,
      )
      .get({ ...lane, seq });
    return row === undefined ? undefined : cutOf(row);
  }

  cutAfter(lane: LaneName, { seq, position }: CutState): CutRow | undefined {
    const row = this.db
      .prepare<LaneName & { seq: number; position: number }, Summed<Stored>>(
        `SELECT plan, state, gone, gap, sound FROM lane_cuts WHERE ${OF} AND (seq, position) > (@seq, @position) ORDER BY seq, position LIMIT 1`,
      )
      .get({ ...lane, seq, position });
    return row === undefined ? undefined : cutOf(row);
  }

  /** Points that ended after batch `seq`. */
  goneAfter(lane: LaneName, seq: number): number[] {
    return this.db
      .prepare<LaneName & { seq: number }, Summed<{ gone: string }>>(
        `SELECT gone, sound FROM lane_cuts WHERE ${OF} AND seq > @seq AND gone <> '[]'`,
      )
      .all({ ...lane, seq })
      .flatMap((row) => JSON.parse(asWritten('lane_cuts', row).gone) as number[]);
  }

  /** Takes samples of points before `before` (source time, ms UTC) out of all states. */
  forget(handles: ReadonlySet<number>, before: number): void {
    const rows = this.db
      .prepare<[], Summed<LaneName & { seq: number; position: number; state: string }>>(
        'SELECT principal, stream, seq, position, state, sound FROM lane_cuts',
      )
      .all()
      .map((row) => asWritten('lane_cuts', row));
    const update = this.db.prepare(
      `UPDATE lane_cuts SET state = @state WHERE ${OF} AND seq = @seq AND position = @position`,
    );
    for (const row of rows) {
      const state = JSON.stringify(withoutSamples(JSON.parse(row.state) as CutState, handles, before));
      if (state !== row.state) update.run({ ...row, state });
    }
  }

  /** Lets go of states before a batch, of all without one, and of plans that no cut needs. */
  dropCuts(lane: LaneName, seq = Number.MAX_SAFE_INTEGER): void {
    const { changes } = this.db.prepare(`DELETE FROM lane_cuts WHERE ${OF} AND seq < @seq`).run({ ...lane, seq });
    if (changes > 0) this.db.exec('DELETE FROM lane_plans WHERE id NOT IN (SELECT plan FROM lane_cuts)');
  }
}
