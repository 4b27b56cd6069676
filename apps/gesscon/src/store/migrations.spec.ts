import BetterSqlite from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@smx-edge/model';
import { Store } from './store.js';

describe('tables of another release', () => {
  let folder: string;
  let file: string;
  let store: Store;
  const sql = (text: string): void => {
    const db = new BetterSqlite(file);
    db.exec(text);
    db.close();
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-tables-'));
    file = join(folder, 'g.db');
    store = new Store(`sqlite:${file}`, silentLog);
    await store.open();
    await store.keys.ofSites(['house']);
    await store.db.close();
    store = new Store(`sqlite:${file}`, silentLog);
  });
  afterEach(async () => {
    await store.db.close();
    rmSync(folder, { recursive: true });
  });

  it('are brought up to this one with what they hold', async () => {
    sql(`drop table schema_version; alter table alarm drop column stream; alter table stream drop column pruned;
      alter table stream drop column marked; drop index point_gone; alter table point drop column gone;
      alter table site drop column epoch_before; alter table site drop column paced;
      insert into stream (site, epoch, name, hw) values (1, 1, 'inst', 7)`);
    await store.open();
    expect(await store.db.rows('select hw, pruned from stream')).toEqual([{ hw: 7, pruned: 0 }]);
    expect(await store.db.rows('select version from schema_version')).toEqual([{ version: 3 }]);
  });

  it('are left alone where it is a later one, and the message says what to do', async () => {
    sql('update schema_version set version = 99');
    await expect(store.open()).rejects.toMatchObject({
      code: 'SMX_CLOUD_DATABASE',
      message: expect.stringContaining('start the later release') as string,
    });
  });
});
