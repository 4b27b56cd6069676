import type { InstanceState } from '@smx-edge/extension-api';
import { SmxError, Zone, type Log } from '@smx-edge/model';
import type { PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import { intervalAt } from '../../test-support/week-values.js';
import type { LimitReport, WeekReport } from './report.js';
import type { WeekPlace } from './running-week.js';
import { WeekBook } from './week-book.js';

const TEN = 600_000;
const TWO_HOURS = 7_200_000;
const WEEK = 7 * 86_400_000;
/** Monday 2026-11-23 00:00 in Brussels. */
const MONDAY = Date.UTC(2026, 10, 22, 23);
const PLACE: WeekPlace = { wiring: '4-wire', rate: 2600, nominal: 50, declared: 230, voltages: ['l1', 'l2', 'l3'] };

let kept: Map<string, string>;
let writes: number;
let fails: boolean;
let over: WeekReport[];
const warnings: string[] = [];
const log = { info: () => {}, warn: (text: string) => warnings.push(text) } as unknown as Log;

/** State that is written a little later, as in a box: what an earlier test still writes is its own. */
const stateIn = (map: Map<string, string>): InstanceState => ({
  get: <T>(key: string) => Promise.resolve(map.has(key) ? (JSON.parse(map.get(key)!) as T) : undefined),
  set: (key, value) => {
    writes++;
    if (fails) return Promise.reject(new SmxError('SMX_EXTENSION_LIMIT', 'full'));
    map.set(key, JSON.stringify(value));
    return Promise.resolve();
  },
});

beforeEach(() => {
  kept = new Map();
  over = [];
  writes = 0;
  fails = false;
  warnings.length = 0;
});

async function open(t: number, place = PLACE): Promise<WeekBook> {
  const book = await WeekBook.load({ state: stateIn(kept), log, zone: new Zone('Europe/Brussels') });
  book.begin(place, { t, onOver: (report) => over.push(report) });
  return book;
}

/** What a meter gives from one time to another, with the clock at its heels. */
function feed(book: WeekBook, from: number, { to, ...change }: { to: number; voltage?: Float64Array }): void {
  for (let t = Math.floor(from / 10_000) * 10_000 + 10_000; t <= to; t += 10_000) {
    if (t % TEN === 0) book.addInterval(intervalAt(t, '10-min', change));
    if (t % TWO_HOURS === 0) book.addInterval(intervalAt(t, '2-hour'));
    book.addFrequency(50.01, t);
    if (t % 60_000 === 0) book.look(t);
  }
}

const limit = (report: WeekReport | undefined, quantity: string, where: Partial<LimitReport> = {}): LimitReport =>
  report!.limits.find(
    (each) =>
      each.quantity === quantity &&
      Object.entries(where).every(([key, value]) => each[key as keyof LimitReport] === value),
  )!;

it('a whole week is ok once it is over, and says so by each limit', async () => {
  const book = await open(MONDAY + 1000);
  feed(book, MONDAY, { to: MONDAY + WEEK });
  expect(book.now).toMatchObject({ week: '2026-W48', isOver: false, verdict: 'incomplete' });
  feed(book, MONDAY + WEEK, { to: MONDAY + WEEK + 2 * TEN });
  expect(over).toHaveLength(1);
  expect(over[0]).toMatchObject({ week: '2026-W48', start: MONDAY, end: MONDAY + WEEK, isOver: true, verdict: 'ok' });
  expect(over[0]!.intervals['10-min']).toEqual({ expected: 1008, flagged: 0, unmeasured: 0 });
  const voltage = { counted: 1008, within: 1008, share: 1, lowest: 231, highest: 231, unit: 'V', low: 207, high: 253 };
  expect(limit(over[0], 'voltage', { phase: 'l1', required: 0.95 })).toMatchObject(voltage);
  expect(limit(over[0], 'flicker', { phase: 'l3' })).toMatchObject({ counted: 84, expected: 84, verdict: 'ok' });
  expect(limit(over[0], 'frequency')).toMatchObject({ counted: 60_480, expected: 60_480, interval: '10-s' });
  expect(limit(over[0], 'harmonic', { order: 25, phase: 'l2' }).verdict).toBe('ok');
  expect(limit(over[0], 'unbalance')).toMatchObject({ phase: null, order: null, highest: 0.004 });
  // what the next one has is its own
  expect(limit(book.now, 'voltage', { phase: 'l1', required: 0.95 }).counted).toBe(2);
  expect(book.past).toEqual(over);
});

it('is exceeded as soon as nothing can mend it, and not before', async () => {
  const book = await open(MONDAY);
  const low = { voltage: new Float64Array([205, 230, 230]) };
  feed(book, MONDAY, { to: MONDAY + 50 * TEN, ...low });
  expect(limit(book.now, 'voltage', { phase: 'l1', required: 0.95 }).verdict).toBe('incomplete');
  expect(book.now!.verdict).toBe('incomplete');
  feed(book, MONDAY + 50 * TEN, { to: MONDAY + 51 * TEN, ...low });
  expect(limit(book.now, 'voltage', { phase: 'l1', required: 0.95 }).verdict).toBe('exceeded');
  expect(limit(book.now, 'voltage', { phase: 'l2', required: 0.95 }).verdict).toBe('incomplete');
  expect(book.now!.verdict).toBe('exceeded');
  // what must always hold is exceeded by one value
  feed(book, MONDAY + 51 * TEN, { to: MONDAY + 52 * TEN, voltage: new Float64Array([230, 230, 254]) });
  expect(limit(book.now, 'voltage', { phase: 'l3', required: 1 }).verdict).toBe('exceeded');
});

it('is incomplete with a gap of more than a twentieth, whatever the rest says; what is flagged was measured', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 940 * TEN });
  feed(book, MONDAY + WEEK - 10 * TEN, { to: MONDAY + WEEK + TEN });
  expect(over[0]!.verdict).toBe('incomplete');
  expect(limit(over[0], 'voltage', { required: 0.95 })).toMatchObject({
    share: 1,
    counted: 950,
    verdict: 'incomplete',
  });

  const next = MONDAY + WEEK;
  for (let t = next + 2 * TEN; t <= next + WEEK; t += TEN)
    book.addInterval(intervalAt(t, '10-min', { isFlagged: t > next + 900 * TEN }));
  book.addEvent({ kind: 'dip' } as PowerQualityEvent);
  book.look(next + WEEK + TEN);
  expect(over[1]!.intervals['10-min']).toEqual({ expected: 1008, flagged: 108, unmeasured: 0 });
  expect(limit(over[1], 'voltage', { required: 0.95 })).toMatchObject({ counted: 900, verdict: 'ok' });
  expect(limit(over[1], 'frequency').verdict).toBe('incomplete');
  expect(over[1]!.events).toMatchObject({ dip: 1, swell: 0 });
});

it('goes on after a restart in its midst and after a crash, which takes an hour at most', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 500 * TEN });
  await book.save();
  const again = await open(MONDAY + 500 * TEN + 1000);
  expect(limit(again.now, 'voltage').counted).toBe(500);
  feed(again, MONDAY + 500 * TEN, { to: MONDAY + 600 * TEN });
  // killed: only what was written on the way is there
  await new Promise((resolve) => setImmediate(resolve));
  const third = await open(MONDAY + 601 * TEN);
  const { counted } = limit(third.now, 'voltage');
  expect(counted).toBeGreaterThanOrEqual(593);
  expect(counted).toBeLessThanOrEqual(600);
  feed(third, MONDAY + 600 * TEN, { to: MONDAY + WEEK + TEN });
  expect(over[0]!.verdict).toBe('ok');
});

it('that ended while the box was off is told once at its start', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 700 * TEN });
  await book.save();
  const later = await open(MONDAY + 3 * WEEK + 5 * TEN);
  expect(over.map(({ week, verdict }) => [week, verdict])).toEqual([['2026-W48', 'incomplete']]);
  expect(later.now).toMatchObject({ week: '2026-W51', verdict: 'incomplete' });
  await later.save();
  await open(MONDAY + 3 * WEEK + 6 * TEN);
  expect(over).toHaveLength(1);
});

it('keeps eight weeks, seldom written, well within the state of an instance', async () => {
  const book = await open(MONDAY);
  for (let t = MONDAY + TEN; t <= MONDAY + 12 * WEEK + 2 * TEN; t += TEN) {
    book.addInterval(intervalAt(t, '10-min', { voltage: new Float64Array(3).fill(229 + Math.sin(t) / 3) }));
    book.look(t);
  }
  await book.save();
  expect(over).toHaveLength(12);
  expect(book.past.map(({ week }) => week)).toEqual(over.slice(4).map(({ week }) => week).reverse()); // prettier-ignore
  expect(writes).toBeLessThan(12 * 7 * 25);
  const size = [...kept.values()].reduce((sum, text) => sum + text.length, 0);
  expect(size).toBeLessThan(64 * 1024);
  expect((await open(MONDAY + 12 * WEEK + 3 * TEN)).past).toEqual(book.past);
});

it('ends by the clock where nothing comes, and tells no week of which nothing is known', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 10 * TEN });
  for (let t = MONDAY; t < MONDAY + 4 * WEEK; t += 3_600_000) book.look(t);
  expect(over.map(({ week }) => week)).toEqual(['2026-W48']);
  expect(book.now!.week).toBe('2026-W51');
});

it('goes on where the clock was set back, and drops what was ahead of it', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 100 * TEN });
  feed(book, MONDAY + 20 * WEEK, { to: MONDAY + 20 * WEEK + 10 * TEN });
  expect(book.now!.week).toBe('2027-W15');
  feed(book, MONDAY + 100 * TEN, { to: MONDAY + 120 * TEN });
  expect(book.now!.week).toBe('2026-W48');
  expect(limit(book.now, 'voltage').counted).toBe(120);
  expect(book.past).toEqual([]);
});

it('begins anew for another wiring or declared voltage, and keeps no values of both', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 100 * TEN });
  await book.save();
  const other = await open(MONDAY + 101 * TEN, { ...PLACE, declared: 400 });
  expect(limit(other.now, 'voltage')).toMatchObject({ counted: 0, share: null, lowest: null, low: 360 });
  expect(over).toEqual([]);
});

it('goes on where the mains moved the rate of samples a little', async () => {
  const book = await open(MONDAY);
  feed(book, MONDAY, { to: MONDAY + 100 * TEN });
  await book.save();
  const same = await open(MONDAY + 101 * TEN, { ...PLACE, rate: 2601.3 });
  expect(limit(same.now, 'voltage').counted).toBe(100);
});

it('goes on in RAM where it cannot be written, and says so', async () => {
  const book = await open(MONDAY);
  fails = true;
  feed(book, MONDAY, { to: MONDAY + 20 * TEN });
  await book.save();
  expect(warnings.length).toBeGreaterThan(0);
  expect(limit(book.now, 'voltage').counted).toBe(20);
});
