import type { Batch } from '../ingest/batch.js';
import type { Cell, Database } from './database.js';
import { nameOf as streamOf, type Keys, type PointKeys, type PointName } from './keys.js';
import type { Knowledge } from './knowledge.js';
import { BATCH, GAP, RECORD, VALUE } from './tables.js';

type Keyed = Batch & { readonly key: number };

const nameOf = ({ key, epoch, stream, seq }: { key: number; epoch: number; stream: string; seq: number }): string =>
  `${key}/${epoch}/${stream}/${seq}`;

/** Every batch once, whatever comes how often, in which order and at how many workers. */
export class Batches {
  constructor(
    private readonly db: Database,
    private readonly keys: Keys,
    private readonly knowledge: Knowledge,
  ) {}

  /** Commits batches in one transaction; those that are there already cost nothing. Tells how many were new. */
  async commit(batches: readonly Batch[]): Promise<number> {
    const { knowledge, keys, db } = this;
    if (batches.length === 0) return 0;
    const sites = await keys.ofSites(batches.map(({ site }) => site));
    const now = Math.max(...batches.map(({ received }) => received));
    await db.prepare(now);
    for (;;) {
      const { generation } = knowledge;
      // in one order at all workers, so that two with the same batches wait for each other instead of locking up
      const keyed = batches
        .map((batch): Keyed => ({ ...batch, key: sites.get(batch.site)! }))
        .filter((batch) => !knowledge.has(batch))
        .sort((a, b) => a.key - b.key || a.epoch - b.epoch || (a.stream < b.stream ? -1 : 1) || a.seq - b.seq);
      if (keyed.length === 0) return 0;
      const points = await keys.ofPoints(keyed.flatMap(pointsOf));
      const added = await db.atomic(async (inside) =>
        (await knowledge.holds(inside, generation, now)) ? this.store(inside, keyed, points) : undefined,
      );
      if (added !== undefined) return added;
      await knowledge.learn(now);
    }
  }

  private async store(inside: Database, batches: readonly Keyed[], points: PointKeys): Promise<number> {
    const column = (get: (batch: Keyed) => Cell): Cell[] => batches.map(get);
    const columns = [
      ...[column((b) => b.key), column((b) => b.epoch), column((b) => b.stream), column((b) => b.seq)],
      column((b) => b.received),
    ];
    const added = await inside.insert<{ site: number; epoch: number; stream: string; seq: number }>(
      BATCH,
      columns,
      'on conflict do nothing returning site, epoch, stream, seq',
    );
    const names = new Set(added.map(({ site, ...rest }) => nameOf({ key: site, ...rest })));
    // a name that came twice in this group has its rows once
    const fresh = batches.filter((batch) => names.delete(nameOf(batch)));
    await storeValues(inside, fresh, points);
    const records = fresh.flatMap((b) =>
      b.kind === 'records'
        ? b.records.map((row) => [b.key, b.epoch, b.stream, b.seq, b.received, JSON.stringify(row)])
        : [],
    );
    if (records.length > 0) await inside.insert(RECORD, turned(records));
    const gaps = fresh.flatMap((b) =>
      b.kind === 'gap' ? [[b.key, b.epoch, b.stream, b.seq, b.why, ...b.gap, b.received]] : [],
    );
    if (gaps.length > 0) await inside.insert(GAP, turned(gaps));
    return fresh.length;
  }
}

async function storeValues(inside: Database, batches: readonly Keyed[], keys: PointKeys): Promise<void> {
  const [received, point, t, v, other, q]: Cell[][] = [[], [], [], [], [], []];
  for (const batch of batches) {
    if (batch.kind !== 'values') continue;
    const ids = keys.get(streamOf({ site: batch.key, epoch: batch.epoch }));
    for (const { id, t: time, value, quality } of batch.values) {
      const isPlain = value === null || typeof value === 'number' || typeof value === 'boolean';
      received!.push(batch.received);
      point!.push(ids?.get(id));
      t!.push(time);
      v!.push(isPlain ? (value === null ? null : Number(value)) : null);
      other!.push(isPlain ? null : JSON.stringify(value));
      q!.push(quality);
    }
  }
  if (t!.length > 0) await inside.insert(VALUE, [received!, point!, t!, v!, other!, q!]);
}

function pointsOf(batch: Keyed): PointName[] {
  if (batch.kind !== 'values') return [];
  const { key: site, epoch, cat } = batch;
  return [...new Set(batch.values.map(({ id }) => id))].map((id) => ({ site, epoch, id, cat }));
}

/** Rows to columns. */
const turned = (rows: readonly (readonly Cell[])[]): Cell[][] =>
  (rows[0] ?? []).map((_value, i) => rows.map((row) => row[i]));
