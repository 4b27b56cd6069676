import { DeviceKey, type PublicKey } from '../proof/device-key.js';
import type { Sqlite } from './database.js';
import type { News } from './news.js';

export interface KeyRecord extends PublicKey {
  /** First used, ms UTC. */
  readonly since: number;
}

export interface Signed {
  /** Row of the key. */
  readonly key: number;
  readonly sig: Buffer;
}

/** The device key and the public halves of all keys that ever signed here. */
export class KeyTable {
  private key: DeviceKey | undefined;

  constructor(
    private readonly db: Sqlite,
    private readonly o: { readonly folder: string; readonly news: News },
  ) {}

  /** Reads or makes the device key. Throws where the disk refuses. */
  open(now: number): DeviceKey {
    return (this.key ??= DeviceKey.open(this.o.folder, now));
  }

  /** Signs within the caller's transaction. */
  sign(text: string, now: number): Signed {
    const key = this.open(now);
    return { key: this.rowOf(key, now), sig: key.sign(text) };
  }

  all(): KeyRecord[] {
    return this.db.prepare<[], KeyRecord>('SELECT name, public, since FROM keys ORDER BY id').all();
  }

  private rowOf({ name, public: text }: DeviceKey, now: number): number {
    const known = this.db.prepare<[string], { id: number }>('SELECT id FROM keys WHERE name = ?').get(name);
    if (known !== undefined) return known.id;
    const before = this.all().at(-1);
    if (before !== undefined)
      this.o.news.add({
        t: now,
        path: 'box',
        code: 'SMX_STORE_KEY',
        severity: 'alarm',
        state: 'once',
        text: `The device key is ${name} from now on; it was ${before.name} before.`,
        data: { key: name, before: before.name },
      });
    return Number(
      this.db.prepare('INSERT INTO keys (name, public, since) VALUES (?, ?, ?)').run(name, text, now).lastInsertRowid,
    );
  }
}
