import { Type } from '@sinclair/typebox';
import { count, epoch, quality, seq, time, tuple, value, version, word } from './fields.js';
import { EVENT, PROFILE_RUN } from './records.js';

const batch = { v: version, e: epoch, s: seq };
const h = Type.Optional(Type.Literal(true, { description: 'backlog: made from history after an outage' }));

const rows = {
  cat: Type.String({ description: 'hash of the `cat` that says what the ids are' }),
  t0: time('Time of the first row'),
  id: Type.Array(Type.Integer({ minimum: 0 }), { description: 'points of the columns, by id of `cat`' }),
  r: Type.Array(Type.Array(value), { description: 'a row per time, a value per id; null where there is none' }),
  q: Type.Optional(
    Type.Record(Type.String({ pattern: '^[0-9]+$' }), Type.Array(tuple([count('row, from 0'), quality])), {
      description: 'by id: rows whose value is not good',
    }),
  ),
  h,
};

/** `t/inst`: windows all `dt` apart, or samples each with its time. */
export const INST = Type.Union(
  [
    Type.Object({
      ...batch,
      ...rows,
      dt: Type.Integer({ minimum: 1, description: 'length of the windows, ms; row i ends at t0 + i·dt' }),
    }),
    Type.Object({ ...batch, ...rows, t: Type.Array(Type.Integer(), { description: 'ms from t0, one per row' }) }),
  ],
  { description: 'A batch of values, cut from committed rows in commit order' },
);

export const PROFILE_ROWS = Type.Object(
  {
    ...batch,
    rows: Type.Array(PROFILE_RUN, { description: 'rows of one profile that follow one another' }),
    h,
  },
  { description: 'Rows of load profiles as the meter has them; billing values are decimal strings' },
);

export const EVENTS = Type.Object(
  { ...batch, rows: Type.Array(Type.Object({ ...EVENT.properties, device: Type.String() })), h },
  { description: 'Events in order of commit' },
);

export const GAP = Type.Object(
  {
    v: Type.Optional(version),
    e: epoch,
    s: seq,
    gap: tuple([time('From'), time('To')]),
    why: word(['quota', 'corrupt', 'revoked']),
  },
  { description: 'On any stream, in place of a batch: what was dropped is a batch itself' },
);

export const ACK = Type.Object(
  {
    e: epoch,
    s: Type.Array(tuple([seq, seq]), { description: 'ranges of batches, ends included, in any order' }),
    hw: Type.Optional(count('everything up to this batch')),
  },
  { description: 'Batches that the consumer has committed' },
);
