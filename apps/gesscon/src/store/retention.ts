import type { Database } from './database.js';
import type { Knowledge } from './knowledge.js';

/** Rows, numbers, points and sites that are looked at in a slice. */
const ROWS = 2000;
const NUMBERS = 5000;
const POINTS = 500;
const SITES = 50;
/** The id of an order answers for this long at least (contracts §4), ms. */
const ORDERS = 8 * 24 * 3_600_000;

interface StreamRow {
  readonly site: number;
  readonly epoch: number;
  readonly name: string;
  /** Up to which batches may go: a hole before it is not waited for where it is of an epoch or a box that is no more. */
  readonly whole: number;
  readonly pruned: number;
  readonly marked: number | null;
  /** Of an epoch or a box that is no more: 1, else 0. */
  readonly over: number;
}

interface ByTime {
  readonly table: string;
  readonly column: string;
  /** A further condition. */
  readonly also?: string;
}

/** A box whose link is no more since before `$1`. */
const GONE = "(site.state = 'gone' and site.seen < $1)";

/**
 * Lets go of what is older than it is kept, in slices. What batches refer to goes in two steps, marked first and then, when
 * all workers know, gone (`Knowledge`): a batch that comes once more is still known for a duplicate, and none is stored
 * under a key that is no more. It may run at two workers at once and be broken off anywhere.
 */
export class Retention {
  constructor(
    private readonly db: Database,
    private readonly knowledge: Knowledge,
  ) {}

  /** Lets go of what came before `time`, ms UTC; yields between two slices. */
  async *forget(time: number, now: number): AsyncGenerator<void> {
    yield* this.rows({ table: 'record', column: 'received' }, time);
    yield* this.rows({ table: 'gap', column: 'found', also: 'told is not null and' }, time);
    yield* this.rows({ table: 'alarm', column: 'cleared' }, time);
    yield* this.orders(Math.min(time, now - ORDERS));
    yield* this.streams(time, now);
    yield* this.points(now);
    yield* this.catalogues(time);
    while (await this.db.forget(time)) yield;
  }

  /** Rows of a table by the time in a column. */
  private async *rows({ table, column, also = '' }: ByTime, time: number): AsyncGenerator<void> {
    const old = `${also} ${column} < $1`;
    for (;;) {
      const [row] = await this.db.rows<{ last: number | null }>(
        `select max(${column}) as last from (select ${column} from ${table} where ${old} order by ${column} limit ${ROWS}) oldest`,
        [time],
      );
      if (row?.last === null || row?.last === undefined) return;
      await this.db.rows(`delete from ${table} where ${also} ${column} <= $1`, [row.last]);
      yield;
    }
  }

  private async *orders(time: number): AsyncGenerator<void> {
    const over = `(select site, id from command where due is null and until < $1 order by until, site, id limit ${ROWS})`;
    for (;;) {
      const gone = await this.db.atomic(async (inside) => {
        await inside.rows(`delete from command_stage where (site, id) in ${over}`, [time]);
        return inside.rows(`delete from command where (site, id) in ${over} returning id`, [time]);
      });
      if (gone.length === 0) return;
      yield;
    }
  }

  private async *streams(time: number, now: number): AsyncGenerator<void> {
    for (let after: [number, number, string] = [-1, 0, '']; ;) {
      const common = await this.knowledge.common(now);
      const page = await this.db.rows<StreamRow>(
        `select *, case when over = 1 then most else hw end as whole from (
           select stream.*, case when ${GONE} or (stream.epoch <> site.epoch and coalesce(last, 0) < $1)
             then 1 else 0 end as over
           from stream join site on site.key = stream.site
           where (stream.site, stream.epoch, stream.name) > ($2, cast($3 as bigint), $4)
           order by stream.site, stream.epoch, stream.name limit ${SITES}) page`,
        [time, ...after],
      );
      for (const stream of page) if (stream.marked !== null && stream.marked <= common) yield* this.numbers(stream);
      await this.mark(page, time);
      await this.db.atomic(async (inside) => {
        for (const { site, epoch, name, over } of page)
          if (over === 1)
            await inside.rows(
              `delete from stream where site = $1 and epoch = $2 and name = $3 and coalesce(last, 0) < $4
                 and not exists (select 1 from batch where batch.site = $1 and batch.epoch = $2 and batch.stream = $3)`,
              [site, epoch, name, time],
            );
      });
      const last = page.at(-1);
      if (last === undefined) return;
      after = [last.site, last.epoch, last.name];
      yield;
    }
  }

  /** Numbers of batches that are marked, and that every worker knows to be. */
  private async *numbers({ site, epoch, name, pruned }: StreamRow): AsyncGenerator<void> {
    for (;;) {
      const [first] = await this.db.rows<{ seq: number | null }>(
        'select min(seq) as seq from batch where site = $1 and epoch = $2 and stream = $3 and seq <= $4',
        [site, epoch, name, pruned],
      );
      if (first?.seq === null || first?.seq === undefined) return;
      await this.db.rows('delete from batch where site = $1 and epoch = $2 and stream = $3 and seq <= $4', [
        ...[site, epoch, name, Math.min(pruned, first.seq + NUMBERS)],
      ]);
      yield;
    }
  }

  /** Marks up to which the numbers of streams are to go. */
  private async mark(streams: readonly StreamRow[], time: number): Promise<void> {
    const found: { readonly stream: StreamRow; readonly seq: number }[] = [];
    for (const stream of streams) {
      const { site, epoch, name, pruned, whole } = stream;
      const [old] = await this.db.rows<{ seq: number | null }>(
        `select max(seq) as seq from (select seq, received from batch
           where site = $1 and epoch = $2 and stream = $3 and seq > $4 and seq <= $5 order by seq limit ${10 * NUMBERS}) oldest
         where received < $6`,
        [...[site, epoch, name, pruned, whole], time],
      );
      if (old?.seq !== null && old?.seq !== undefined) found.push({ stream, seq: old.seq });
    }
    if (found.length === 0) return;
    await this.db.atomic(async (inside) => {
      const generation = await this.knowledge.next(inside);
      for (const { stream, seq } of found)
        await inside.rows(
          `update stream set pruned = $4, marked = $5 where site = $1 and epoch = $2 and name = $3 and pruned < $4`,
          [stream.site, stream.epoch, stream.name, seq, generation],
        );
    });
  }

  /** Points without a value that the present catalogue of their box does not have. */
  private async *points(now: number): AsyncGenerator<void> {
    // looked up point by point: as a join it might read every value there is
    const empty = '(select 1 from value where value.point = point.key limit 1) is null';
    const unknown = `exists (select 1 from site where site.key = point.site and site.seen is not null and (
      site.state = 'gone' or site.epoch <> point.epoch or not exists (select 1 from catalogue_point known
        where known.site = site.key and known.cat = site.cat and known.id = point.id)))`;
    const common = await this.knowledge.common(now);
    const [end] = await this.db.rows<{ key: number | null }>('select max(key) as key from point');
    for (let key = 0; key <= (end?.key ?? -1); key += POINTS) {
      const slice = [key, key + POINTS];
      const within = 'point.key >= $1 and point.key < $2';
      await this.db.rows(`delete from point where ${within} and gone <= $3 and ${empty}`, [...slice, common]);
      const found = await this.db.rows<{ key: number }>(
        `select key from point where ${within} and gone is null and ${unknown} and ${empty}`,
        slice,
      );
      if (found.length > 0)
        await this.db.atomic(async (inside) => {
          const generation = await this.knowledge.next(inside);
          for (const one of found)
            await inside.rows('update point set gone = $2 where key = $1 and gone is null', [one.key, generation]);
        });
      yield;
    }
  }

  /** Catalogues that are not in force since before `time` and that no point refers to, with their offers. */
  private async *catalogues(time: number): AsyncGenerator<void> {
    for (let after = -1; ;) {
      const sites = await this.db.rows<{ key: number }>(
        `select key from site where key > $1 order by key limit ${SITES}`,
        [after],
      );
      const last = sites.at(-1);
      if (last === undefined) return;
      const slice = [after, last.key];
      const orphan = (table: string): string =>
        `delete from ${table} where site > $1 and site <= $2 and not exists (select 1 from catalogue
           where catalogue.site = ${table}.site and catalogue.cat = ${table}.cat)`;
      await this.db.atomic(async (inside) => {
        await inside.rows(
          `delete from catalogue where site > $2 and site <= $3 and received < $1
             and not exists (select 1 from site where site.key = catalogue.site and site.cat = catalogue.cat and not ${GONE})
             and not exists (select 1 from point where point.site = catalogue.site and point.cat = catalogue.cat)`,
          [time, ...slice],
        );
        for (const table of ['catalogue_point', 'offer']) await inside.rows(orphan(table), slice);
      });
      after = last.key;
      yield;
    }
  }
}
