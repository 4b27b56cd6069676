import type { BatchRange } from '@smx-edge/model';
import type { Batch } from '../ingest/batch.js';
import type { Ack } from '../transport/acks.js';
import type { Cell, Database } from './database.js';
import type { Keys } from './keys.js';
import { STREAM } from './tables.js';

/** Most ranges an ack may bring; batches of further ones come again, which costs nothing but their way. */
const MOST_RANGES = 1000;

interface Mark {
  readonly site: string;
  readonly epoch: number;
  readonly stream: string;
  /** When a batch last came, and one of the backlog, ms UTC. */
  last: number;
  late: number | undefined;
  most: number;
}

function joined(mark: Mark, newer: Mark = mark): Mark {
  const { last, late = mark.late, most } = newer;
  return { ...mark, last: Math.max(mark.last, last), late, most: Math.max(mark.most, most) };
}

/** How far each stream is: everything up to `hw` is stored, and a hole lies between it and what came after. */
export class Streams {
  private marks = new Map<string, Mark>();

  constructor(
    private readonly db: Database,
    private readonly keys: Keys,
  ) {}

  /** Notes what came; written down by `update`, not with each batch. */
  note({ site, epoch, stream, seq, received, isBacklog }: Batch): void {
    const name = `${site}/${epoch}/${stream}`;
    let mark = this.marks.get(name);
    if (mark === undefined)
      this.marks.set(name, (mark = { site, epoch, stream, last: received, late: undefined, most: seq }));
    mark.last = Math.max(mark.last, received);
    mark.most = Math.max(mark.most, seq);
    if (isBacklog) mark.late = received;
  }

  /** Writes down what was noted. */
  async update(): Promise<void> {
    const { marks } = this;
    if (marks.size === 0) return;
    this.marks = new Map();
    try {
      await this.write([...marks.values()]);
    } catch (error) {
      // the next one writes them, with what came meanwhile
      for (const [name, mark] of marks) this.marks.set(name, joined(mark, this.marks.get(name)));
      throw error;
    }
  }

  private async write(marks: readonly Mark[]): Promise<void> {
    const sites = await this.keys.ofSites(marks.map(({ site }) => site));
    const list = marks
      .map((mark) => ({ ...mark, key: sites.get(mark.site)! }))
      .sort((a, b) => a.key - b.key || a.epoch - b.epoch || (a.stream < b.stream ? -1 : 1));
    const column = (get: (mark: Mark & { key: number }) => Cell): Cell[] => list.map(get);
    await this.db.insert(
      STREAM,
      [
        ...[column((m) => m.key), column((m) => m.epoch), column((m) => m.stream)],
        ...[column((m) => m.most), column((m) => m.last), column((m) => m.late)],
      ],
      `on conflict (site, epoch, name) do update set
         most = case when excluded.most > stream.most then excluded.most else stream.most end,
         last = case when excluded.last > coalesce(stream.last, 0) then excluded.last else stream.last end,
         late = coalesce(excluded.late, stream.late)`,
    );
  }

  /** Moves every `hw` on to the end of what is there without a hole, and finds the first hole behind it. `now`: ms UTC. */
  async advance(now: number): Promise<void> {
    await this.db.rows(
      `update stream set hw = coalesce((
         select b.seq from batch b
         where b.site = stream.site and b.epoch = stream.epoch and b.stream = stream.name and b.seq > stream.hw
           and not exists (select 1 from batch n
             where n.site = b.site and n.epoch = b.epoch and n.stream = b.stream and n.seq = b.seq + 1)
         order by b.seq limit 1), hw)
       where most > hw and exists (select 1 from batch b
         where b.site = stream.site and b.epoch = stream.epoch and b.stream = stream.name and b.seq = stream.hw + 1)`,
    );
    await this.db.rows(
      `update stream set hole_since = case when hole = hw + 1 then hole_since when most > hw then $1 else null end,
         hole = case when most > hw then hw + 1 else null end
       where most > hw or hole is not null`,
      [now],
    );
  }

  /** The ack of everything that is stored of a box's epoch: the first that it hears when it comes on line. */
  async held(site: string, epoch: number): Promise<Ack[]> {
    await this.update();
    const key = (await this.keys.ofSites([site])).get(site)!;
    const heads = await this.db.rows<{ name: string; hw: number }>(
      'select name, hw from stream where site = $1 and epoch = $2',
      [key, epoch],
    );
    const acks: Ack[] = [];
    for (const { name: stream, hw } of heads) {
      // neighbours have the same distance to their place in the list
      const behind = await this.db.rows<{ from: number; to: number }>(
        `select min(seq) as "from", max(seq) as "to" from (select seq, seq - row_number() over (order by seq) as island
           from batch where site = $1 and epoch = $2 and stream = $3 and seq > $4) numbered
         group by island order by 1 limit ${MOST_RANGES}`,
        [key, epoch, stream, hw],
      );
      const s = behind.map(({ from, to }): BatchRange => [from, to]);
      if (hw > 0 || s.length > 0) acks.push({ site, stream, body: { e: epoch, s, ...(hw > 0 ? { hw } : {}) } });
    }
    return acks;
  }
}
