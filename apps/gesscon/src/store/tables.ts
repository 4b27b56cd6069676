import type { BulkTable } from './database.js';

/** Where PostgreSQL and SQLite differ. */
export interface Dialect {
  /** Type of a key that counts by itself. */
  readonly key: string;
  /** What follows `create table batch (…)` and `create table value (…)`. */
  readonly batchParts: string;
  readonly valueParts: string;
  readonly createView: string;
}

/**
 * Times are ms UTC. `batch` decides what is new: (site, epoch, stream, seq) is stored once, in the transaction of its
 * rows, so that `value` needs no unique index of its own. `value` is parted by when rows came, which never lies, not by
 * what clock a box has. `offer` has the set-points that a catalogue offers to command; `up` where the device was on line when
 * that was `told`.
 */
export const tables = ({ key, batchParts, valueParts, createView }: Dialect): string => `
create table if not exists site (
  key ${key}, name text not null unique, state text, since bigint, boot bigint, epoch bigint, cat text, seen bigint
);
create table if not exists catalogue (
  site integer not null, cat text not null, received bigint not null, every bigint, body text not null, primary key (site, cat)
);
create table if not exists catalogue_point (
  site integer not null, cat text not null, id bigint not null, path text not null, unit text, type text, every bigint, how text,
  primary key (site, cat, id)
);
create table if not exists offer (
  site integer not null, cat text not null, path text not null, up integer not null, told bigint not null,
  primary key (site, cat, path)
);
create table if not exists point (
  key ${key}, site integer not null, epoch bigint not null, id bigint not null, cat text not null, unique (site, epoch, id)
);
create table if not exists stream (
  site integer not null, epoch bigint not null, name text not null, hw bigint not null default 0,
  most bigint not null default 0, last bigint, late bigint, oldest bigint, next bigint, hole bigint, hole_since bigint,
  primary key (site, epoch, name)
);
create table if not exists batch (
  site integer not null, epoch bigint not null, stream text not null, seq bigint not null, received bigint not null,
  primary key (site, epoch, stream, seq)
) ${batchParts};
create table if not exists value (
  received bigint not null, point integer not null, t bigint not null, v double precision, other text, q text
) ${valueParts};
create index if not exists value_point_t on value (point, t);
create table if not exists record (
  site integer not null, epoch bigint not null, stream text not null, seq bigint not null, received bigint not null,
  body text not null
);
create index if not exists record_site on record (site, stream, received);
create table if not exists gap (
  site integer not null, epoch bigint not null, stream text not null, seq bigint not null,
  why text not null, t_from bigint, t_to bigint, found bigint not null, told bigint
);
create table if not exists alarm (
  key ${key}, site integer not null, cause text not null, detail text not null, raised bigint not null, cleared bigint
);
create table if not exists command (
  site integer not null, id text not null, kind text not null, point text not null, body text not null, hb bigint,
  issued bigint not null, until bigint not null, sent integer not null default 0, due bigint, cancelled integer not null default 0,
  state text not null default 'queued', reached bigint not null default 0, outcome text, primary key (site, id)
);
create index if not exists command_due on command (due);
create table if not exists command_stage (
  key ${key}, site integer not null, id text not null, slot integer not null, state text not null, t bigint not null,
  value text, measured text, code text, reason text, heard bigint not null, told bigint, unique (site, id, slot, state, t)
);
create table if not exists lead (one integer primary key, holder text not null, until bigint not null);
${createView} reading as
  select site.name as site, known.path, value.t, value.v as value, value.other, value.q as quality, known.unit,
    point.epoch, value.received
  from value join point on point.key = value.point join site on site.key = point.site
  left join catalogue_point known on known.site = point.site and known.cat = point.cat and known.id = point.id;
`;

export const BATCH: BulkTable = {
  name: 'batch',
  columns: { site: 'integer', epoch: 'bigint', stream: 'text', seq: 'bigint', received: 'bigint' },
};

/** `v` is a number, 0 or 1 for a truth value; `other` the JSON of anything else; `q` a quality that is not good. */
export const VALUE: BulkTable = {
  name: 'value',
  columns: { received: 'bigint', point: 'integer', t: 'bigint', v: 'double precision', other: 'text', q: 'text' },
};

export const RECORD: BulkTable = {
  name: 'record',
  columns: { site: 'integer', epoch: 'bigint', stream: 'text', seq: 'bigint', received: 'bigint', body: 'text' },
};

export const GAP: BulkTable = {
  name: 'gap',
  columns: {
    ...{ site: 'integer', epoch: 'bigint', stream: 'text', seq: 'bigint' },
    ...{ why: 'text', t_from: 'bigint', t_to: 'bigint', found: 'bigint' },
  },
};

export const POINT: BulkTable = {
  name: 'point',
  columns: { site: 'integer', epoch: 'bigint', id: 'bigint', cat: 'text' },
};

export const CATALOGUE_POINT: BulkTable = {
  name: 'catalogue_point',
  columns: {
    ...{ site: 'integer', cat: 'text', id: 'bigint', path: 'text', unit: 'text', type: 'text' },
    ...{ every: 'bigint', how: 'text' },
  },
};

export const OFFER: BulkTable = {
  name: 'offer',
  columns: { site: 'integer', cat: 'text', path: 'text', up: 'integer', told: 'bigint' },
};

export const STREAM: BulkTable = {
  name: 'stream',
  columns: { site: 'integer', epoch: 'bigint', name: 'text', most: 'bigint', last: 'bigint', late: 'bigint' },
};
