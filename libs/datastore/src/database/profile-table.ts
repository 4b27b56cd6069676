import {
  checkedProfile,
  checkedRow,
  profilePath,
  SmxError,
  type NewEvent,
  type ProfileDefinition,
  type ProfileRecord,
  type ProfileRow,
} from '@smx-edge/model';
import { canonicalJson } from '../canonical-json.js';
import { chainOf, profileGenesis, rowHash, rowText } from '../proof/profile-chain.js';
import type { AnchorTable } from './anchor-table.js';
import type { Sqlite, Statement } from './database.js';
import type { KeyTable } from './key-table.js';
import type { News } from './news.js';

const MOST_PROFILES = 500;
/** Rows of all profiles together: ten years of quarter hours of five meters. */
const MOST_ROWS = 2_000_000;
const PRUNE_AHEAD = 1024;
const LARGEST_PAGE = 1000;

export interface ProfileAppend {
  readonly device: string;
  readonly id: string;
  readonly rows: readonly ProfileRow[];
  /** SHA-256 of the bytes they were read from, hex. */
  readonly source: string | null;
}

/** Rows of one profile with `from` < end <= `to` (ms UTC), in order of end; or with commit ids above `after`, of all. */
export interface ProfileQuery {
  readonly device: string;
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly limit?: number;
}

/** Where the chain of a profile ends. */
export interface ProfileHead {
  readonly device: string;
  readonly id: string;
  readonly seq: number;
  readonly hash: string;
}

interface Known {
  readonly rowid: number;
  readonly definition: string;
  readonly seq: number;
  readonly hash: string;
  readonly rows: number;
}

interface Stored {
  readonly id: number;
  readonly device: string;
  readonly profile: string;
  readonly seq: number;
  readonly ends: number;
  readonly status: number;
  readonly cells: string;
  readonly source: Buffer | null;
  readonly prev: Buffer;
  readonly hash: Buffer;
  /** Empty where the key is not known any more. */
  readonly key: string;
  readonly sig: Buffer;
  readonly sound: number;
}

type Kept = Pick<Stored, 'id' | 'status' | 'cells' | 'sound'>;

const SELECT = `SELECT profile_rows.id AS id, profiles.device AS device, profiles.name AS profile, profile_rows.seq AS seq, ends,
  status, cells, source, prev, profile_rows.hash AS hash, coalesce(keys.name, '') AS key, sig, profile_rows.sound AS sound
  FROM profile_rows LEFT JOIN profiles ON profiles.id = profile_rows.profile LEFT JOIN keys ON keys.id = profile_rows.key`;

type Sound = Omit<Stored, 'sound'>;

const recordOf = ({ ends, status, cells, source, prev, hash, sig, ...row }: Sound): ProfileRecord => ({
  ...row,
  row: [ends, status, ...(JSON.parse(cells) as (string | null)[])],
  source: source?.toString('hex') ?? null,
  prev: prev.toString('hex'),
  hash: hash.toString('hex'),
  sig: sig.toString('base64'),
});

export interface ProfileTableOptions {
  readonly keys: KeyTable;
  readonly anchors: AnchorTable;
  readonly news: News;
  readonly most?: number;
}

/** Load profiles and their rows: append only, each row chained to the one before it and signed. */
export class ProfileTable {
  private readonly ends: Statement<[], ProfileHead>;

  constructor(
    private readonly db: Sqlite,
    private readonly o: ProfileTableOptions,
  ) {
    this.ends = db.prepare('SELECT device, name AS id, seq, hash FROM profiles ORDER BY device, name');
  }

  all(): ProfileDefinition[] {
    return this.db
      .prepare<[], { definition: string }>('SELECT definition FROM profiles ORDER BY device, name')
      .all()
      .map(({ definition }) => JSON.parse(definition) as ProfileDefinition);
  }

  heads(): ProfileHead[] {
    return this.ends.all();
  }

  /** Makes a profile known. Throws SMX_PROFILE_INVALID, _CHANGED where rows are kept under another definition, _FULL. */
  put(given: ProfileDefinition): ProfileDefinition {
    const definition = checkedProfile(given);
    const path = profilePath(definition);
    const known = this.find(definition);
    const text = canonicalJson(definition);
    if (known?.definition === text) return definition;
    if (known !== undefined && known.seq > 0)
      throw new SmxError(
        'SMX_PROFILE_CHANGED',
        `${path} has rows under other columns or another period; keep rows of the new kind under another id`,
      );
    const count = this.db.prepare<[], { n: number }>('SELECT count(*) AS n FROM profiles').get()!.n;
    if (known === undefined && count >= MOST_PROFILES)
      throw new SmxError('SMX_PROFILE_FULL', `the box keeps ${MOST_PROFILES} load profiles; ${path} is one more`);
    this.db
      .prepare(
        `INSERT INTO profiles (device, name, definition, seq, hash, rows) VALUES (?, ?, ?, 0, ?, 0)
         ON CONFLICT (device, name) DO UPDATE SET definition = excluded.definition, hash = excluded.hash`,
      )
      .run(definition.device, definition.id, text, profileGenesis(definition));
    return definition;
  }

  /** End of the row that ends last. */
  last(profile: Pick<ProfileDefinition, 'device' | 'id'>): number | undefined {
    const row = this.db
      .prepare<[number], { last: number | null }>('SELECT max(ends) AS last FROM profile_rows WHERE profile = ?')
      .get(this.known(profile).rowid);
    return row?.last ?? undefined;
  }

  /**
   * Keeps rows; a row that is kept already is left as it is. Gives how many were new. Throws SMX_PROFILE_INVALID, with
   * nothing kept, and SMX_PROFILE_CONFLICT where some were refused and the others kept.
   */
  append({ device, id, rows, source }: ProfileAppend, now: number): number {
    const known = this.known({ device, id });
    const path = `${device}/${id}`;
    const { columns } = JSON.parse(known.definition) as ProfileDefinition;
    if (source !== null && !/^[0-9a-f]{64}$/.test(source))
      throw new SmxError('SMX_PROFILE_INVALID', `the source of rows of ${path} is a SHA-256 in hex`);
    const checked = rows.map((row) => checkedRow(row, { path, columns: columns.length }));
    const { fresh, conflicts } = this.sort(known.rowid, checked, now);
    this.insert(known, fresh, { source, now });
    this.prune(now);
    for (const { row, cells } of conflicts)
      this.o.news.add(conflictEvent(path, { row, cells, now }), `${path} ${canonicalJson(row)}`);
    if (conflicts.length === 0) return fresh.length;
    const ends = conflicts.map(({ row }) => new Date(row[0]).toISOString()).slice(0, 3);
    throw new SmxError(
      'SMX_PROFILE_CONFLICT',
      `${conflicts.length} of ${rows.length} rows of ${path} are kept with other content, which stays (${ends.join(', ')}); the other rows are kept`,
    );
  }

  /** A row that is not what was kept is left out, and told. */
  read({ device, id, from, to, limit = LARGEST_PAGE }: ProfileQuery, now: number): ProfileRecord[] {
    const known = this.find({ device, id });
    if (known === undefined) return [];
    const rows = this.db
      .prepare<number[], Stored>(`${SELECT} WHERE profile = ? AND ends > ? AND ends <= ? ORDER BY ends`)
      .iterate(known.rowid, from, to);
    return this.soundOf(rows, limit, now);
  }

  /** Rows of all profiles in commit order, with ids above `after`. */
  commits({ after, limit = LARGEST_PAGE }: { after: number; limit?: number }, now: number): ProfileRecord[] {
    const rows = this.db
      .prepare<number[], Stored>(`${SELECT} WHERE profile_rows.id > ? ORDER BY profile_rows.id`)
      .iterate(after);
    return this.soundOf(rows, limit, now);
  }

  private soundOf(rows: Iterable<Stored>, limit: number, now: number): ProfileRecord[] {
    const most = Math.max(0, Math.min(limit, LARGEST_PAGE));
    const found: ProfileRecord[] = [];
    if (most === 0) return found;
    for (const { sound, ...row } of rows) {
      if (sound === 1) found.push(recordOf(row));
      else this.o.news.add(damagedRow(row.id, now), `profile row ${row.id}`);
      if (found.length === most) break;
    }
    return found;
  }

  private find({ device, id }: Pick<ProfileDefinition, 'device' | 'id'>): Known | undefined {
    return this.db
      .prepare<[string, string], Known>(
        'SELECT id AS rowid, definition, seq, hash, rows FROM profiles WHERE device = ? AND name = ?',
      )
      .get(device, id);
  }

  private known(profile: Pick<ProfileDefinition, 'device' | 'id'>): Known {
    const known = this.find(profile);
    if (known === undefined)
      throw new SmxError('SMX_PROFILE_INVALID', `there is no load profile ${profilePath(profile)}; declare it first`);
    return known;
  }

  /** What is new, and what is kept with other content; rows that are kept as they come are neither. */
  private sort(
    profile: number,
    rows: readonly ProfileRow[],
    now: number,
  ): { fresh: ProfileRow[]; conflicts: { row: ProfileRow; cells: string }[] } {
    const stored = this.db.prepare<[number, number], Kept>(
      'SELECT id, status, cells, sound FROM profile_rows WHERE profile = ? AND ends = ?',
    );
    const fresh = new Map<number, ProfileRow>();
    const conflicts: { row: ProfileRow; cells: string }[] = [];
    for (const row of rows) {
      const [end, status, ...values] = row;
      const cells = JSON.stringify(values);
      const twin = fresh.get(end);
      const kept =
        twin === undefined
          ? stored.get(profile, end)
          : { id: 0, status: twin[1], cells: JSON.stringify(twin.slice(2)), sound: 1 };
      if (kept === undefined) fresh.set(end, row);
      // what it was cannot be told any more, so nothing can be said against the row that comes
      else if (kept.sound !== 1) this.o.news.add(damagedRow(kept.id, now), `profile row ${kept.id}`);
      else if (kept.status !== status || kept.cells !== cells) conflicts.push({ row, cells: kept.cells });
    }
    return { fresh: [...fresh.values()], conflicts };
  }

  private insert(known: Known, rows: readonly ProfileRow[], how: { source: string | null; now: number }): void {
    if (rows.length === 0) return;
    const { source, now } = how;
    const insert = this.db.prepare(
      'INSERT INTO profile_rows (profile, seq, ends, status, cells, source, prev, hash, key, sig) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    let { seq, hash } = known;
    for (const row of rows) {
      const prev = hash;
      hash = rowHash(prev, { seq: ++seq, row, source });
      const { key, sig } = this.o.keys.sign(rowText(hash), now);
      const [end, status, ...values] = row;
      const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
      const from = source === null ? null : bytes(source);
      insert.run(known.rowid, seq, end, status, JSON.stringify(values), from, bytes(prev), bytes(hash), key, sig);
    }
    this.db
      .prepare('UPDATE profiles SET seq = ?, hash = ?, rows = rows + ? WHERE id = ?')
      .run(seq, hash, rows.length, known.rowid);
  }

  /** Of the profile that has the most, the oldest rows go: one that floods the table pays for it itself. */
  private prune(now: number): void {
    const { most = MOST_ROWS, anchors, news } = this.o;
    const total = this.db.prepare<[], { n: number }>('SELECT coalesce(sum(rows), 0) AS n FROM profiles').get()!.n;
    if (total <= most) return;
    const largest = this.db
      .prepare<[], { id: number; device: string; name: string; rows: number }>(
        'SELECT id, device, name, rows FROM profiles ORDER BY rows DESC LIMIT 1',
      )
      .get()!;
    const excess = Math.min(largest.rows - 1, total - most + Math.min(PRUNE_AHEAD, most >> 4));
    const last = this.db
      .prepare<[number, number], { id: number; seq: number; hash: Buffer; ends: number }>(
        'SELECT id, seq, hash, ends FROM profile_rows WHERE profile = ? ORDER BY id LIMIT 1 OFFSET ?',
      )
      .get(largest.id, excess - 1)!;
    this.db.prepare('DELETE FROM profile_rows WHERE profile = ? AND id <= ?').run(largest.id, last.id);
    this.db.prepare('UPDATE profiles SET rows = rows - ? WHERE id = ?').run(excess, largest.id);
    const profile = { device: largest.device, id: largest.name };
    anchors.put(chainOf(profile), { seq: last.seq, hash: last.hash.toString('hex') }, now);
    news.add({
      t: now,
      path: 'box',
      code: 'SMX_STORE_GAP',
      severity: 'info',
      state: 'once',
      text: `The oldest rows of the load profile ${profilePath(profile)} were deleted to stay within the bound of load profiles.`,
      data: { why: 'budget', profile: profilePath(profile), rows: excess, to: last.ends },
    });
  }
}

function damagedRow(id: number, now: number): NewEvent {
  return {
    ...{ t: now, path: 'box', code: 'SMX_STORE_DAMAGED', severity: 'alarm', state: 'once' },
    text: `Row ${id} of the load profiles is damaged on disk and left out; what it was is not known.`,
    data: { profileRow: id },
  };
}

function conflictEvent(path: string, { row, cells, now }: { row: ProfileRow; cells: string; now: number }): NewEvent {
  const [end, status, ...values] = row;
  return {
    t: now,
    path,
    code: 'SMX_PROFILE_CONFLICT',
    severity: 'alarm',
    state: 'once',
    text: `The row of ${path} that ends at ${new Date(end).toISOString()} came again with other content; the kept one stays.`,
    data: { end, status, values, kept: JSON.parse(cells) as unknown },
  };
}
