import { Zone, type LaneForm, type RowBatch } from '@smx-edge/model';
import { asGranted, batchText } from './batch-message.js';

const zone = new Zone('Europe/Rome');
const form = (handle: number, more: Partial<LaneForm> = {}): LaneForm => ({
  ...{ handle, maxAge: 0, every: 0, as: 'last', delay: 0, round: 0, interval: 0 },
  ...more,
});
const batch = (forms: LaneForm[], more: Partial<RowBatch> = {}): RowBatch => ({
  ...{ seq: 7, cut: 5000, plan: { cat: 'c', batch: 1000, forms } },
  ...{ t: [1000, 2000, 3000], id: [1, 2], q: [{ id: 2, row: 1, quality: 1 }] },
  r: [
    [10, 20],
    [11, 21],
    [12, 22],
  ],
  ...more,
});
const view = (now: Record<number, LaneForm>, resuming: number[] = []): Parameters<typeof asGranted>[1] => ({
  laneForm: (handle) => now[handle],
  resumes: (handle) => resuming.includes(handle),
});

it('gives a batch as it is where nothing changed, and where the grant became finer', () => {
  const own = batch([form(1), form(2, { round: 10 })]);
  expect(asGranted(own, view({ 1: form(1), 2: form(2) }), zone)).toBe(own);
});

it('leaves out a point that is granted no more, or coarser than in the batch', () => {
  const own = batch([form(1), form(2)]);
  for (const now of [{ 1: form(1) }, ...COARSER.map((more) => ({ 1: form(1), 2: form(2, more) }))])
    expect(asGranted(own, view(now), zone)).toMatchObject({ seq: 7, id: [1], r: [[10], [11], [12]], q: [] });
});

const COARSER: Partial<LaneForm>[] = [
  { every: 60_000, as: 'mean' },
  { delay: 1000 },
  { round: 10 },
  { interval: 5000 },
];

it('leaves out rows from before and after the grant, in windows too', () => {
  const own = batch([form(1), form(2)]);
  const now = { 1: form(1, { from: 2000 }), 2: form(2, { from: 2000, until: 3000 }) };
  expect(asGranted(own, view(now), zone)).toMatchObject({
    t: [2000, 3000],
    r: [
      [11, 21],
      [12, null],
    ],
    q: [{ id: 2, row: 0, quality: 1 }],
  });
  const every = { every: 1000, as: 'mean' } as const;
  const windows = batch([form(1, every), form(2, every)], { dt: 1000 });
  const cut = { 1: form(1, { ...every, from: 1500 }), 2: form(2, { ...every, from: 1500 }) };
  expect(asGranted(windows, view(cut), zone)).toMatchObject({ t: [3000], dt: 1000 });
});

it('makes a gap of a batch of which nothing is left, and waits where a grant only pauses', () => {
  const own = batch([form(1), form(2)]);
  expect(asGranted(own, view({}), zone)).toEqual({ seq: 7, cut: 5000, gap: [1000, 3000], why: 'revoked' });
  expect(asGranted(own, view({ 1: form(1) }, [2]), zone)).toBeUndefined();
});

it('is written as the contract says', () => {
  const text = (one: Parameters<typeof batchText>[0], isBacklog = false): unknown =>
    JSON.parse(batchText(one, { epoch: 9, isBacklog }).toString());
  expect(text(batch([form(1)]))).toEqual({
    ...{ v: 1, e: 9, s: 7, cat: 'c', t0: 1000, t: [0, 1000, 2000], id: [1, 2] },
    r: [
      [10, 20],
      [11, 21],
      [12, 22],
    ],
    q: { 2: [[1, 'uncertain']] },
  });
  expect(text(batch([form(1)], { dt: 1000, q: [] }), true)).toMatchObject({ t0: 1000, dt: 1000, h: true });
  expect(text({ seq: 3, cut: 5, gap: [1, 2], why: 'quota' })).toEqual({ v: 1, e: 9, s: 3, gap: [1, 2], why: 'quota' });
});
