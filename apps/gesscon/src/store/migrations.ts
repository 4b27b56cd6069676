import { SmxError } from '@smx-edge/model';
import type { Database } from './database.js';

/** What makes tables of a version those of the next, from 1 on (`tables`), in the SQL that both databases share. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    'alter table alarm add column stream text',
    'alter table stream add column pruned bigint not null default 0',
    'alter table stream add column pruned_at bigint',
    'create index if not exists record_received on record (received)',
  ],
  [
    'create table if not exists worker (holder text primary key, knows bigint not null, seen bigint not null)',
    'create table if not exists forgetting (one integer primary key, generation bigint not null)',
    'insert into forgetting (one, generation) values (1, 0) on conflict do nothing',
    'alter table stream add column marked bigint',
    'update stream set marked = 0 where pruned > 0',
    'alter table stream drop column pruned_at',
    'alter table site add column epoch_before bigint',
    'alter table site add column paced bigint not null default 0',
    'alter table point add column gone bigint',
    'create index if not exists point_gone on point (gone) where gone is not null',
    'create index if not exists command_until on command (until)',
  ],
];

/**
 * Brings tables up to this release, within the caller's transaction. Throws SMX_CLOUD_DATABASE where they are of a later
 * one, which knows what this one does not.
 */
export async function migrate(inside: Pick<Database, 'rows'>): Promise<void> {
  const newest = MIGRATIONS.length + 1;
  await inside.rows('create table if not exists schema_version (one integer primary key, version integer not null)');
  const [row] = await inside.rows<{ version: number }>('select version from schema_version');
  const { version } = row ?? { version: 1 };
  if (version > newest)
    throw new SmxError(
      'SMX_CLOUD_DATABASE',
      `its tables are of version ${version}, this release knows ${newest}; start the later release`,
    );
  for (const statements of MIGRATIONS.slice(version - 1)) for (const one of statements) await inside.rows(one);
  await inside.rows(
    `insert into schema_version (one, version) values (1, $1)
     on conflict (one) do update set version = excluded.version`,
    [newest],
  );
}
