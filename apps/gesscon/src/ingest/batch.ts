import { SmxError } from '@smx-edge/model';
import { MESSAGES } from '@smx-edge/northbound/messages';
import Ajv2020 from 'ajv/dist/2020.js';
import type { Stored } from '../transport/acks.js';
import type { Uplink } from '../transport/uplink.js';

/** `t/inst` (contracts §5): rows by time, columns by id of the catalogue. */
interface InstBody {
  readonly cat: string;
  readonly t0: number;
  readonly dt?: number;
  readonly t?: readonly number[];
  readonly id: readonly number[];
  readonly r: readonly (readonly unknown[])[];
  readonly q?: Readonly<Record<string, readonly (readonly [row: number, quality: string])[]>>;
}

/** One value of a batch: `value` is null where there is none, `quality` where it is good. */
interface BatchValue {
  readonly id: number;
  /** Source time or end of the window, ms UTC. */
  readonly t: number;
  readonly value: unknown;
  readonly quality: string | null;
}

interface Named extends Stored {
  /** When it came, ms UTC. */
  readonly received: number;
  /** Made from history after an outage. */
  readonly isBacklog: boolean;
}

/** A batch of the certain lane: values, or records (events, rows of load profiles), or why there are none. */
export type Batch =
  | (Named & { readonly kind: 'values'; readonly cat: string; readonly values: readonly BatchValue[] })
  | (Named & { readonly kind: 'records'; readonly records: readonly object[] })
  | (Named & { readonly kind: 'gap'; readonly gap: readonly [from: number, to: number]; readonly why: string });

const ajv = new Ajv2020({ strict: false });
const isGap = ajv.compile<{ gap: [number, number]; why: string }>(MESSAGES['gap']!.schema);
const isInst = ajv.compile<InstBody>(MESSAGES['inst']!.schema);

const wrong = (what: string): SmxError => new SmxError('SMX_MESSAGE_MALFORMED', what);

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Reads a message on `t/{stream}`. Throws SMX_MESSAGE_MALFORMED. */
export function readBatch({ site, topic, body, received }: Uplink): Batch {
  const { e: epoch, s: seq, h, rows } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (!isNumber(epoch) || !isNumber(seq)) throw wrong('e and s must be whole numbers: they name a batch');
  const name = { site, stream: topic.slice('t/'.length), epoch, seq, received, isBacklog: h === true };
  if (typeof body === 'object' && body !== null && 'gap' in body) {
    if (!isGap(body)) throw wrong(`not a gap: ${ajv.errorsText(isGap.errors)}`);
    return { ...name, kind: 'gap', gap: body.gap, why: body.why };
  }
  if (name.stream === 'inst') {
    if (!isInst(body)) throw wrong(`not a batch of values: ${ajv.errorsText(isInst.errors)}`);
    return { ...name, kind: 'values', cat: body.cat, values: valuesOf(body) };
  }
  if (!Array.isArray(rows) || !rows.every((row) => typeof row === 'object' && row !== null))
    throw wrong('rows must be a list of objects');
  return { ...name, kind: 'records', records: rows as object[] };
}

/** A null without a quality only says that this point had nothing at this time, and is left out. */
function valuesOf({ t0, dt = 0, t, id, r, q = {} }: InstBody): BatchValue[] {
  if (t !== undefined && t.length !== r.length) throw wrong('t must have a time for each row');
  if (r.some((row) => row.length !== id.length)) throw wrong('each row must have a value for each id');
  const qualities = new Map(Object.entries(q).map(([point, marks]) => [Number(point), new Map(marks)]));
  return r.flatMap((row, i) =>
    id.flatMap((point, k) => {
      const quality = qualities.get(point)?.get(i) ?? null;
      const value = row[k] ?? null;
      const time = t0 + (t === undefined ? i * dt : t[i]!);
      return value === null && quality === null ? [] : [{ id: point, t: time, value, quality }];
    }),
  );
}
