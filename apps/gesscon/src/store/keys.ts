import type { Cell, Database } from './database.js';
import { POINT } from './tables.js';

/** A point as a batch names it. */
export interface PointName {
  readonly site: number;
  readonly epoch: number;
  readonly id: number;
  /** Hash of the catalogue that says what it is. */
  readonly cat: string;
}

type Stream = Pick<PointName, 'site' | 'epoch'>;

/** Keys of points by `site/epoch` and id. */
export type PointKeys = ReadonlyMap<string, ReadonlyMap<number, number>>;

export const nameOf = ({ site, epoch }: Stream): string => `${site}/${epoch}`;

/** Keys of sites and points, made at first sight and then remembered. */
export class Keys {
  private readonly sites = new Map<string, number>();
  private points: PointKeys = new Map();

  constructor(private readonly db: Database) {}

  async ofSites(names: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    for (const name of [...new Set(names)].sort()) {
      if (this.sites.has(name)) continue;
      await this.db.rows('insert into site (name) values ($1) on conflict (name) do nothing', [name]);
      const [row] = await this.db.rows<{ key: number }>('select key from site where name = $1', [name]);
      this.sites.set(name, row!.key);
    }
    return this.sites;
  }

  /** Keys of these points, and of others; they hold as long as nothing is marked to go (`Knowledge`). */
  async ofPoints(names: readonly PointName[]): Promise<PointKeys> {
    for (;;) {
      const { points } = this;
      const missing = new Map<string, PointName>();
      for (const name of names)
        if (points.get(nameOf(name))?.has(name.id) !== true) missing.set(`${nameOf(name)}/${name.id}`, name);
      if (missing.size === 0) return points;
      const found = await this.make([...missing.values()]);
      // what was forgotten meanwhile may be among what was found
      if (points === this.points) this.points = new Map([...points, ...found]);
    }
  }

  /** Does not know the points of `of` any more, or any. */
  forget(of?: Stream): void {
    this.points = new Map(of === undefined ? [] : [...this.points].filter(([name]) => name !== nameOf(of)));
  }

  /** Makes points, and keeps those that were marked to go. Gives all of their streams. */
  private async make(names: readonly PointName[]): Promise<PointKeys> {
    const list = [...names].sort((a, b) => a.site - b.site || a.epoch - b.epoch || a.id - b.id);
    const column = (get: (name: PointName) => Cell): Cell[] => list.map(get);
    const columns = [column((n) => n.site), column((n) => n.epoch), column((n) => n.id), column((n) => n.cat)];
    await this.db.insert(
      POINT,
      columns,
      'on conflict (site, epoch, id) do update set gone = null where point.gone is not null',
    );
    const found = new Map<string, ReadonlyMap<number, number>>();
    for (const { site, epoch } of list) {
      if (found.has(nameOf({ site, epoch }))) continue;
      const rows = await this.db.rows<{ id: number; key: number }>(
        'select id, key from point where site = $1 and epoch = $2 and gone is null',
        [site, epoch],
      );
      found.set(nameOf({ site, epoch }), new Map(rows.map(({ id, key }) => [id, key])));
    }
    return found;
  }
}
