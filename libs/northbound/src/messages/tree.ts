import { Type } from '@sinclair/typebox';
import { AGGREGATES, POINT_KINDS, POINT_TYPES } from '@smx-edge/model';
import { count, epoch, orNull, quality, time, tuple, unit, value, version, word } from './fields.js';
import { DEVICE, PROFILE } from './records.js';

export const STATE = Type.Object(
  {
    s: word(['online', 'lost', 'closing'], '`lost` is the last will'),
    since: time('Since when in this state; in the last will: when the connection came up'),
    boot: time('Start of the core'),
    epoch,
    head: Type.Record(Type.String(), tuple([count('oldest batch that is not acknowledged'), count('next batch')]), {
      description: 'by stream of the certain lane, those that have begun; told anew when one more begins',
    }),
    cat: Type.String({ description: 'hash of the `cat` in force' }),
    clock: word(['ok', 'unsure'], '`unsure`: it is earlier than the software, or its time service has not set it'),
    version: Type.String({ description: 'of the box' }),
    ledger: orNull('string', 'newest hash of the ledger'),
  },
  { description: 'Whether the box is on line. An empty payload: this party is no more' },
);

const POINT = Type.Object({
  id: Type.Integer({ minimum: 0, description: 'never used again within an epoch' }),
  path: Type.String(),
  unit,
  type: word(POINT_TYPES),
  kind: word(POINT_KINDS),
  obis: Type.Optional(Type.String()),
  every: Type.Optional(
    count(
      'window in ms in which it is granted; 0 = as it comes. Absent: it may only be commanded, no value of it comes',
    ),
  ),
  as: Type.Optional(word(AGGREGATES, 'what of the window; there where `every` is')),
  write: Type.Optional(
    Type.Object(
      {
        min: Type.Optional(Type.Number()),
        max: Type.Optional(Type.Number()),
        lease: count('longest a command may hold, ms'),
      },
      { description: 'where this party may command it: bounds of grant and device together' },
    ),
  ),
});

export const CAT = Type.Object(
  {
    v: version,
    hash: Type.String({ description: 'covers points, devices and profiles, not whether a device is on line' }),
    points: Type.Array(POINT),
    devices: Type.Array(DEVICE),
    profiles: Type.Array(PROFILE),
  },
  { description: 'What this party may see. An empty payload: this party is no more' },
);

export const NOW = Type.Object(
  {
    t: time('When it was made'),
    v: Type.Record(Type.String(), value, { description: 'every granted point by path' }),
    q: Type.Optional(Type.Record(Type.String(), quality, { description: 'only what is not `good`' })),
  },
  { description: 'All granted values; lossy by contract. An empty payload: nothing is granted any more' },
);
