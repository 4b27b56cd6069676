import type { Cell, Database } from './database.js';
import type { Keys } from './keys.js';
import { offersOf, type Offer, type Offering } from '../dispatch/offers.js';
import { CATALOGUE_POINT, OFFER } from './tables.js';

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
export interface CatBody extends Offering {
  readonly hash: string;
  readonly points: readonly (Offering['points'][number] & {
    readonly id: number;
    readonly unit: string | null;
    readonly type: string;
    readonly as?: string;
  })[];
}

/** `state` and `cat` that come within this time are of one connection: a broker gives retained ones in any order, ms. */
const TOGETHER = 1000;

type Readable = CatBody['points'][number] & { readonly every: number };

/** What boxes say of themselves. */
export class Sites {
  constructor(
    private readonly db: Database,
    private readonly keys: Keys,
  ) {}

  /** Keeps the newest state, and the epoch before until it is told: the store of the box was lost or restored. */
  async putState(name: string, state: StateBody | undefined, received: number): Promise<void> {
    const site = (await this.keys.ofSites([name])).get(name)!;
    if (state === undefined) {
      await this.db.rows("update site set state = 'gone', seen = $2 where key = $1", [site, received]);
      return;
    }
    const { s, since, boot, epoch, cat, head } = state;
    await this.db.atomic(async (inside) => {
      const [before] = await inside.rows<Record<'boot' | 'seen', number | null> & { cat: string | null }>(
        'select boot, seen, cat from site where key = $1',
        [site],
      );
      if (before !== undefined && (before.seen ?? 0) > received) return;
      await inside.rows(
        `update site set state = $2, since = $3, boot = $4, epoch = $5, cat = $6, seen = $7,
           epoch_before = case when epoch <> $5 then coalesce(epoch_before, epoch) else epoch_before end where key = $1`,
        [site, s, since, boot, epoch, cat, received],
      );
      // it was in force until now
      if (before !== undefined && before.cat !== null && before.cat !== cat)
        await inside.rows('update catalogue set received = $3 where site = $1 and cat = $2', [
          site,
          before.cat,
          received,
        ]);
      // its devices come up anew, and the next catalogue says which have
      if (s !== 'online' || before?.boot !== boot)
        await inside.rows('update offer set up = 0, told = $2 where site = $1 and told < cast($2 as bigint) - $3', [
          ...[site, received, TOGETHER],
        ]);
      // what was acknowledged before this controller first heard of the box is not for it to miss
      if (s === 'online')
        for (const [stream, [oldest, next]] of Object.entries(head))
          await inside.rows(
            `insert into stream (site, epoch, name, hw, oldest, next, late) values ($1, $2, $3, $4 - 1, $4, $5, $6)
             on conflict (site, epoch, name) do update set oldest = excluded.oldest, next = excluded.next, late = excluded.late,
               hw = case when stream.oldest is null and excluded.hw > stream.hw then excluded.hw else stream.hw end`,
            [site, epoch, stream, oldest, next, received],
          );
    });
  }

  /** Keeps a catalogue under its hash, and which devices are on line now, which the hash does not cover. */
  async putCatalogue(name: string, cat: CatBody, received: number): Promise<void> {
    const { hash, points } = cat;
    const site = (await this.keys.ofSites([name])).get(name)!;
    const readable = points.filter((point): point is Readable => point.every !== undefined);
    const windows = readable.map(({ every }) => every);
    await this.db.atomic(async (inside) => {
      await inside.rows(
        `insert into catalogue (site, cat, received, every, body) values ($1, $2, $3, $4, $5)
         on conflict (site, cat) do update set received = excluded.received`,
        [site, hash, received, windows.length === 0 ? null : Math.min(...windows), JSON.stringify(points)],
      );
      const column = (get: (point: Readable) => Cell): Cell[] => readable.map(get);
      await inside.insert(
        CATALOGUE_POINT,
        [
          ...[column(() => site), column(() => hash), column((p) => p.id), column((p) => p.path)],
          ...[column((p) => p.unit), column((p) => p.type), column((p) => p.every), column((p) => p.as ?? null)],
        ],
        'on conflict do nothing',
      );
      const offers = offersOf(cat);
      const offer = (get: (one: Offer) => Cell): Cell[] => offers.map(get);
      await inside.insert(
        OFFER,
        [
          ...[offer(() => site), offer(() => hash), offer((o) => o.path)],
          ...[offer((o) => (o.isUp ? 1 : 0)), offer(() => received)],
        ],
        `on conflict (site, cat, path) do update set up = excluded.up, told = excluded.told
           where excluded.told >= offer.told`,
      );
    });
  }
}
