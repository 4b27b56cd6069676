import type { Database } from './database.js';

const HOUR = 3_600_000;
/** How often each worker reads the marks, and how old one must be before its rows go: by then every worker knows it, ms. */
const LEARN = 10 * 60_000;
const KNOWN = 2 * HOUR;
/** Numbers of a stream that are looked at at a time. */
const SLICE = 50_000;
/** The id of an order answers for this long at least (contracts §4), ms. */
const ORDERS = 8 * 24 * HOUR;

interface Named {
  readonly key: number;
  readonly epoch: number;
  readonly stream: string;
  readonly seq: number;
}

interface StreamRow {
  readonly site: number;
  readonly epoch: number;
  readonly name: string;
  readonly hw: number;
  readonly pruned: number;
  readonly at: number | null;
}

/**
 * Lets go of what is older than it is kept. The number of a batch goes in two steps, so that one that comes once more is
 * still known for a duplicate: first a mark up to which all of a stream were stored, then, when all workers know it, the rows.
 */
export class Retention {
  private readonly marks = new Map<string, number>();
  private learnt = -Infinity;

  constructor(private readonly db: Database) {}

  /** Whether a batch was stored so long ago that its number is gone. */
  has({ key, epoch, stream, seq }: Named): boolean {
    return this.marks.size > 0 && seq <= (this.marks.get(`${key}/${epoch}/${stream}`) ?? 0);
  }

  /** Reads the marks, now and then. */
  async learn(now: number): Promise<void> {
    if (Math.abs(now - this.learnt) < LEARN) return;
    const rows = await this.db.rows<Omit<StreamRow, 'hw' | 'at'>>(
      'select site, epoch, name, pruned from stream where pruned > 0',
    );
    for (const { site, epoch, name, pruned } of rows) this.marks.set(`${site}/${epoch}/${name}`, pruned);
    this.learnt = now;
  }

  /** Lets go of what came before `time`, ms UTC; for one worker. */
  async forget(time: number, now: number): Promise<void> {
    const { db } = this;
    await db.forget(time);
    for (const statement of [
      'delete from record where received < $1',
      'delete from gap where told is not null and found < $1',
      'delete from alarm where cleared < $1',
    ])
      await db.rows(statement, [time]);
    await this.forgetOrders(Math.min(time, now - ORDERS));
    await this.forgetBatches(time, now);
  }

  private async forgetOrders(time: number): Promise<void> {
    const over = 'due is null and until < $1';
    await this.db.rows(
      `delete from command_stage where exists (select 1 from command
         where command.site = command_stage.site and command.id = command_stage.id and ${over})`,
      [time],
    );
    await this.db.rows(`delete from command where ${over}`, [time]);
  }

  private async forgetBatches(time: number, now: number): Promise<void> {
    const { db } = this;
    const streams = await db.rows<StreamRow>(
      'select site, epoch, name, hw, pruned, pruned_at as at from stream where hw > 0',
    );
    // stream by stream, so that no statement takes long
    for (const { site, epoch, name, hw, pruned, at } of streams) {
      const stream = [site, epoch, name];
      if (at !== null && now - at >= KNOWN)
        await db.rows('delete from batch where site = $1 and epoch = $2 and stream = $3 and seq <= $4', [
          ...stream,
          pruned,
        ]);
      const [old] = await db.rows<{ seq: number | null }>(
        `select max(seq) as seq from (select seq, received from batch
           where site = $1 and epoch = $2 and stream = $3 and seq > $4 and seq <= $5 order by seq limit ${SLICE}) oldest
         where received < $6`,
        [...stream, pruned, hw, time],
      );
      if (old?.seq !== null && old?.seq !== undefined)
        await db.rows('update stream set pruned = $4, pruned_at = $5 where site = $1 and epoch = $2 and name = $3', [
          ...[...stream, old.seq, now],
        ]);
    }
  }
}
