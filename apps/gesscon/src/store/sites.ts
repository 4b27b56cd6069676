import type { Cell, Database } from './database.js';
import type { Keys } from './keys.js';
import { CATALOGUE_POINT } from './tables.js';

/** `state` (contracts §5), as far as it is used; undefined where the payload was empty: the party is no more there. */
export interface StateBody {
  readonly s: 'online' | 'lost' | 'closing';
  readonly since: number;
  readonly boot: number;
  readonly epoch: number;
  readonly head: Readonly<Record<string, readonly [oldest: number, next: number]>>;
  readonly cat: string;
}

/** `cat` (contracts §5), as far as it is used. */
export interface CatBody {
  readonly hash: string;
  readonly points: readonly {
    readonly id: number;
    readonly path: string;
    readonly unit: string | null;
    readonly type: string;
    /** Absent where the party may only command the point: no values of it come. */
    readonly every?: number;
    readonly as?: string;
  }[];
}

type Readable = CatBody['points'][number] & { readonly every: number };

/** What boxes say of themselves. */
export class Sites {
  constructor(
    private readonly db: Database,
    private readonly keys: Keys,
  ) {}

  /** Keeps the newest state. Its epoch before, where that was another one: its store was lost or restored. */
  async putState(name: string, state: StateBody | undefined, received: number): Promise<number | undefined> {
    const site = (await this.keys.ofSites([name])).get(name)!;
    if (state === undefined) {
      await this.db.rows("update site set state = 'gone', seen = $2 where key = $1", [site, received]);
      return undefined;
    }
    const { s, since, boot, epoch, cat, head } = state;
    return this.db.atomic(async (inside) => {
      const [before] = await inside.rows<{ epoch: number | null; seen: number | null }>(
        'select epoch, seen from site where key = $1',
        [site],
      );
      if (before !== undefined && (before.seen ?? 0) > received) return undefined;
      await inside.rows(
        'update site set state = $2, since = $3, boot = $4, epoch = $5, cat = $6, seen = $7 where key = $1',
        [site, s, since, boot, epoch, cat, received],
      );
      // what was acknowledged before this controller first heard of the box is not for it to miss
      if (s === 'online')
        for (const [stream, [oldest, next]] of Object.entries(head))
          await inside.rows(
            `insert into stream (site, epoch, name, hw, oldest, next, late) values ($1, $2, $3, $4 - 1, $4, $5, $6)
             on conflict (site, epoch, name) do update set oldest = excluded.oldest, next = excluded.next, late = excluded.late,
               hw = case when stream.oldest is null and excluded.hw > stream.hw then excluded.hw else stream.hw end`,
            [site, epoch, stream, oldest, next, received],
          );
      const changed = before?.epoch !== undefined && before.epoch !== null && before.epoch !== epoch;
      return changed ? (before.epoch ?? undefined) : undefined;
    });
  }

  /** Keeps a catalogue under its hash. */
  async putCatalogue(name: string, { hash, points }: CatBody, received: number): Promise<void> {
    const site = (await this.keys.ofSites([name])).get(name)!;
    const readable = points.filter((point): point is Readable => point.every !== undefined);
    const windows = readable.map(({ every }) => every);
    await this.db.atomic(async (inside) => {
      await inside.rows(
        'insert into catalogue (site, cat, received, every, body) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [site, hash, received, windows.length === 0 ? null : Math.min(...windows), JSON.stringify(points)],
      );
      if (readable.length === 0) return;
      const column = (get: (point: Readable) => Cell): Cell[] => readable.map(get);
      await inside.insert(
        CATALOGUE_POINT,
        [
          ...[column(() => site), column(() => hash), column((p) => p.id), column((p) => p.path)],
          ...[column((p) => p.unit), column((p) => p.type), column((p) => p.every), column((p) => p.as ?? null)],
        ],
        'on conflict do nothing',
      );
    });
  }
}
