import { BatchRanges, type LaneName } from '@smx-edge/model';
import type { Sqlite } from '../database/database.js';
import { LaneRecordTable, type KeptRecords } from '../database/lane-record-table.js';
import { LANE_TABLES, LaneTable } from '../database/lane-table.js';

interface Begun {
  readonly name: LaneName;
  readonly first: KeptRecords;
}

/**
 * Streams of a restored store, within the caller's transaction. Events and rows of load profiles that were not
 * acknowledged come under new numbers; samples are in history, and their streams begin with what is new.
 */
export function beginStreams(db: Sqlite, now: number): void {
  const lanes = new LaneTable(db);
  const records = new LaneRecordTable(db);
  const begun = lanes.names().flatMap((name): Begun[] => {
    const last = records.last(name);
    const acked = new BatchRanges(lanes.row(name)?.acked ?? []);
    return last === undefined ? [] : [{ name, first: firstOf(records.read(name, 0, last.seq + 1), { acked, now }) }];
  });
  // under a new epoch their numbers begin anew
  for (const table of LANE_TABLES) db.exec(`DELETE FROM ${table}`);
  for (const { name, first } of begun) {
    lanes.put(name, { open: true, next: 1, acked: [] });
    records.put(name, first);
  }
}

/** What a stream begins behind: all that was settled, but for the oldest batch without an ack and what came after it. */
function firstOf(kept: readonly KeptRecords[], { acked, now }: { acked: BatchRanges; now: number }): KeptRecords {
  const isAcked = ({ seq }: KeptRecords): boolean => seq === 0 || acked.has(seq);
  const open = kept.filter((batch) => !isAcked(batch)).flatMap(({ ids }) => ids);
  const after = open.reduce((least, id) => Math.min(least, id - 1), kept.at(-1)!.after);
  const given = kept.filter(isAcked).flatMap(({ ids }) => ids.filter((id) => id > after));
  return { seq: 0, cut: now, ids: given.length === 0 ? [after] : given, after };
}
