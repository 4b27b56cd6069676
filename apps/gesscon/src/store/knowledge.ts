import { randomUUID } from 'node:crypto';
import type { Database } from './database.js';
import type { Keys } from './keys.js';

/** A worker that is silent for this long is waited for no more; it learns anew before it stores anything again, ms. */
const SILENT = 5 * 60_000;
/** Generation of who knows nothing yet. */
const NOTHING = -1;

/** The name of a batch with the key of its site. */
export interface KeyedName {
  readonly key: number;
  readonly epoch: number;
  readonly stream: string;
  readonly seq: number;
}

/**
 * What was marked to go, and who knows it. Each marking makes a generation; a worker writes down (`worker.knows`) up to
 * which it has read, and what is marked goes once all of them know it. So no worker takes a batch for new whose number is
 * gone, or writes under a key that is. A commit holds the row of its worker, and with it the generation it was made by.
 */
export class Knowledge {
  /** This worker, as `worker` and `lead` name it. */
  readonly worker = randomUUID();
  private readonly marks = new Map<string, number>();
  private known = NOTHING;

  constructor(
    private readonly db: Database,
    private readonly keys: Pick<Keys, 'forget'>,
  ) {}

  /** Up to which generation this worker knows what was marked. */
  get generation(): number {
    return this.known;
  }

  /** Whether a batch was stored so long ago that its number is gone, or may be. */
  has({ key, epoch, stream, seq }: KeyedName): boolean {
    return this.marks.size > 0 && seq <= (this.marks.get(`${key}/${epoch}/${stream}`) ?? 0);
  }

  /** Reads what was marked since it last did, and writes down that it has. `now`: ms UTC. */
  async learn(now: number): Promise<void> {
    const { db, keys, worker } = this;
    // counted before it reads: from here on nothing goes that it has not read
    const [row] = await db.rows<{ knows: number }>(
      `insert into worker (holder, knows, seen) values ($1, ${NOTHING}, $2)
       on conflict (holder) do update set seen = excluded.seen returning knows`,
      [worker, now],
    );
    if (row!.knows !== this.known) {
      // it was not waited for
      this.known = NOTHING;
      keys.forget();
    }
    const [newest] = await db.rows<{ generation: number }>('select generation from forgetting');
    const { generation } = newest!;
    if (generation === this.known) return;
    const marked = await db.rows<{ site: number; epoch: number; name: string; pruned: number }>(
      'select site, epoch, name, pruned from stream where marked > $1',
      [this.known],
    );
    for (const { site, epoch, name, pruned } of marked) this.marks.set(`${site}/${epoch}/${name}`, pruned);
    const gone = await db.rows<{ site: number; epoch: number }>(
      'select distinct site, epoch from point where gone > $1',
      [this.known],
    );
    for (const stream of gone) keys.forget(stream);
    await db.rows('update worker set knows = $2 where holder = $1 and knows < $2', [worker, generation]);
    this.known = generation;
  }

  /** Whether this worker stands in the database as of `generation`; until the end of the transaction that does not change. */
  async holds(inside: Database, generation: number, now: number): Promise<boolean> {
    const rows = await inside.rows('update worker set seen = $3 where holder = $1 and knows = $2 returning holder', [
      this.worker,
      generation,
      now,
    ]);
    return rows.length > 0;
  }

  /** The generation that every worker knows. */
  async common(now: number): Promise<number> {
    await this.db.rows('delete from worker where seen < $1', [now - SILENT]);
    const [row] = await this.db.rows<{ knows: number | null }>('select min(knows) as knows from worker');
    return row?.knows ?? NOTHING;
  }

  /** A new generation, for what is marked in the same transaction. */
  async next(inside: Database): Promise<number> {
    const [row] = await inside.rows<{ generation: number }>(
      'update forgetting set generation = generation + 1 returning generation',
    );
    return row!.generation;
  }

  /** This worker ends, and is not waited for. */
  async leave(): Promise<void> {
    await this.db.rows('delete from worker where holder = $1', [this.worker]);
  }
}
