import { coversForm, laneGives } from '@smx-edge/access';
import { qualityName, type GapBatch, type LaneBatch, type LaneForm, type RowBatch, type Zone } from '@smx-edge/model';
import type { PartyView } from '../doors.js';

/** What is told of a batch beside its rows. */
export interface BatchEnvelope {
  readonly epoch: number;
  /** It was cut while its party was away. */
  readonly isBacklog: boolean;
}

/** `t/{stream}` (contracts §5): one batch as a JSON text. */
export function batchText(batch: LaneBatch, { epoch, isBacklog }: BatchEnvelope): Buffer {
  const name = { v: 1, e: epoch, s: batch.seq };
  const backlog = isBacklog ? { h: true } : {};
  if ('gap' in batch) return json({ ...name, gap: batch.gap, why: batch.why, ...backlog });
  const { plan, t, dt, id, r, q } = batch;
  const t0 = t[0] ?? batch.cut;
  const body = {
    ...{ ...name, cat: plan.cat, t0 },
    ...(dt === undefined ? { t: t.map((time) => time - t0) } : { dt }),
    ...{ id, r },
    ...(q.length === 0 ? {} : { q: qualities(q) }),
    ...backlog,
  };
  return json(body);
}

/** A batch without its rows, where no packet that its party's broker takes holds them. */
export function gapOf(batch: LaneBatch): GapBatch {
  if ('gap' in batch) return batch;
  const { seq, cut, t } = batch;
  return { seq, cut, gap: [t[0] ?? cut, t.at(-1) ?? cut], why: 'quota' };
}

const json = (body: object): Buffer => Buffer.from(JSON.stringify(body));

function qualities(q: RowBatch['q']): Partial<Record<string, [number, string][]>> {
  const found: Partial<Record<string, [number, string][]>> = {};
  for (const { id, row, quality } of q) (found[id] ??= []).push([row, qualityName(quality)]);
  return found;
}

/**
 * The batch as far as the party may have it now: without points and rows whose grant ended since it was cut, a gap
 * where that leaves none. Undefined where it has to wait because a grant only pauses.
 */
export function asGranted(
  batch: LaneBatch,
  view: Pick<PartyView, 'laneForm' | 'resumes'>,
  zone: Zone,
): LaneBatch | undefined {
  if ('gap' in batch) return batch;
  const forms = new Map(batch.plan.forms.map((form) => [form.handle, form]));
  const columns: { readonly i: number; readonly gives: (t: number) => boolean }[] = [];
  for (const [i, handle] of batch.id.entries()) {
    const before = forms.get(handle);
    const now = view.laneForm(handle);
    if (now === undefined && view.resumes(handle)) return undefined;
    if (before !== undefined && now !== undefined && coversForm(now, before))
      columns.push({ i, gives: both(before, now, zone) });
  }
  return columns.length === batch.id.length && columns.every(({ gives }) => batch.t.every(gives))
    ? batch
    : reduced(batch, columns);
}

function both(before: LaneForm, now: LaneForm, zone: Zone): (t: number) => boolean {
  const then = laneGives(before, zone);
  const still = laneGives({ ...before, ...bounds(now) }, zone);
  return (t) => then(t) && still(t);
}

const bounds = ({ from, until, hours }: LaneForm): object => ({ from, until, hours });

function reduced(
  batch: RowBatch,
  columns: readonly { readonly i: number; readonly gives: (t: number) => boolean }[],
): LaneBatch {
  // rows stay where they are, so that windows keep their spacing: what is not given is as if it had not been said
  const rows = [...batch.t.keys()].filter((row) => columns.some(({ gives }) => gives(batch.t[row]!)));
  const first = rows[0];
  const last = rows.at(-1);
  const { t, cut, seq } = batch;
  if (first === undefined || last === undefined)
    return { seq, cut, gap: [t[0] ?? cut, t.at(-1) ?? cut], why: 'revoked' };
  const kept = new Map(Array.from({ length: last - first + 1 }, (_, k) => [first + k, k]));
  const id = columns.map(({ i }) => batch.id[i]!);
  return {
    ...batch,
    t: t.slice(first, last + 1),
    id,
    r: batch.r
      .slice(first, last + 1)
      .map((row, k) => columns.map(({ i, gives }) => (gives(t[first + k]!) ? row[i]! : null))),
    q: batch.q.flatMap((mark) => {
      const row = kept.get(mark.row);
      const column = columns.find(({ i }) => batch.id[i] === mark.id);
      return row === undefined || column?.gives(t[mark.row]!) !== true ? [] : [{ ...mark, row }];
    }),
  };
}
