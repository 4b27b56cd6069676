import { filterMatches, type LivePoint, type PointDefinition } from '@smx-edge/model';
import { readMeta, writeMeta, type Sqlite, type Statement } from './database.js';
import { asWritten, type Summed } from './row-sum.js';

interface Row {
  readonly id: number;
  readonly definition: string;
  readonly removed: number;
}

/** Ids reserved ahead, and for an empty catalogue. */
const AHEAD = 64;
const AHEAD_OF_FIRST = 512;

/**
 * Points by id, the removed ones too: their ids are never given again. An id is told to others before its point is on
 * disk, so a range of ids is reserved ahead; after a power cut none of that range is given to a point.
 */
export class CatalogueTable {
  /** Ids below it are on disk as given away. */
  private reserved: number;
  private readonly found: Statement<[number], Summed<Row>>;

  constructor(private readonly db: Sqlite) {
    this.reserved = Number(readMeta(db, 'handles') ?? 0);
    this.found = db.prepare('SELECT id, definition, removed, sound FROM catalogue WHERE id = ?');
  }

  /** The first id that no point ever had, nor may have had. */
  first(): number {
    return Math.max(this.next(), this.reserved);
  }

  /** Reserves ids from `first` on. Throws where the database cannot write. */
  reserve(first: number): void {
    if (first + AHEAD / 2 <= this.reserved) return;
    this.keepReserved(first + (first > 1 ? AHEAD : AHEAD_OF_FIRST));
  }

  get isEmpty(): boolean {
    return this.next() === 1;
  }

  /** Gives none of the next ids to any point: some may have been given already. */
  skip(): void {
    this.keepReserved(Math.max(this.next(), this.reserved) + AHEAD_OF_FIRST);
  }

  /** Reads again what is reserved, after a transaction that came to nothing. */
  reload(): void {
    this.reserved = Number(readMeta(this.db, 'handles') ?? 0);
  }

  /** Gives back what was reserved and not used: every point is in the table now. */
  settle(): void {
    this.keepReserved(this.next());
  }

  put({ handle, definition }: LivePoint, removed: boolean): void {
    this.db
      .prepare('INSERT OR REPLACE INTO catalogue VALUES (?, ?, ?, ?, ?)')
      .run(handle, definition.path, definition.instance, JSON.stringify(definition), removed ? 1 : 0);
    this.reserve(handle + 1);
  }

  all(): { points: LivePoint[]; removed: LivePoint[] } {
    const found = { points: [] as LivePoint[], removed: [] as LivePoint[] };
    const rows = this.db
      .prepare<[], Summed<Row>>('SELECT id, definition, removed, sound FROM catalogue ORDER BY id')
      .all();
    for (const row of rows.map((one) => asWritten('catalogue', one))) {
      const point = { handle: row.id, definition: JSON.parse(row.definition) as PointDefinition };
      (row.removed === 0 ? found.points : found.removed).push(point);
    }
    return found;
  }

  /** Handles of points, removed ones too, whose path matches a topic filter. */
  matching(filter: string): Set<number> {
    const { points, removed } = this.all();
    return new Set(
      [...points, ...removed]
        .filter(({ definition }) => filterMatches(filter, definition.path))
        .map(({ handle }) => handle),
    );
  }

  definition(handle: number): PointDefinition | undefined {
    const row = this.found.get(handle);
    return row === undefined ? undefined : (JSON.parse(asWritten('catalogue', row).definition) as PointDefinition);
  }

  private next(): number {
    const row = this.db.prepare<[], { last: number | null }>('SELECT max(id) AS last FROM catalogue').get();
    return (row?.last ?? 0) + 1;
  }

  private keepReserved(bound: number): void {
    writeMeta(this.db, 'handles', String(bound));
    this.reserved = bound;
  }
}
