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

/** Keys of sites and points, made at first sight and then remembered. */
export class Keys {
  private readonly sites = new Map<string, number>();
  private readonly points = new Map<string, Map<number, number>>();

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

  /** Makes sure that `of` knows these. */
  async learn(names: Iterable<PointName>): Promise<void> {
    const fresh = new Map<string, PointName>();
    for (const name of names) if (this.of(name) === undefined) fresh.set(`${name.site}/${name.epoch}/${name.id}`, name);
    if (fresh.size === 0) return;
    const list = [...fresh.values()].sort((a, b) => a.site - b.site || a.epoch - b.epoch || a.id - b.id);
    const column = (get: (name: PointName) => Cell): Cell[] => list.map(get);
    const columns = [column((n) => n.site), column((n) => n.epoch), column((n) => n.id), column((n) => n.cat)];
    await this.db.insert(POINT, columns, 'on conflict (site, epoch, id) do nothing');
    const known = new Set<string>();
    for (const { site, epoch } of list) {
      if (known.has(`${site}/${epoch}`)) continue;
      known.add(`${site}/${epoch}`);
      const found = await this.db.rows<{ id: number; key: number }>(
        'select id, key from point where site = $1 and epoch = $2',
        [site, epoch],
      );
      this.points.set(`${site}/${epoch}`, new Map(found.map(({ id, key }) => [id, key])));
    }
  }

  of({ site, epoch, id }: Omit<PointName, 'cat'>): number | undefined {
    return this.points.get(`${site}/${epoch}`)?.get(id);
  }
}
