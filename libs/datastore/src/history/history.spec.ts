import {
  AGGREGATES,
  BAD,
  GOOD,
  SampleBatch,
  STALE,
  SUBSTITUTED,
  UNCERTAIN,
  Zone,
  type Aggregate,
} from '@smx-edge/model';
import * as fc from 'fast-check';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY, openDatabase, STORE, type Sqlite } from '../database/database.js';
import type { Gap } from '../journal/gap.js';
import { SampleEncoder } from '../journal/sample-encoder.js';
import { Historian } from '../worker/historian.js';
import { rawRows } from './raw-rows.js';
import { valueAt, type RunValue, type SampleRun } from './sample-run.js';
import { windowRows } from './window-rows.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rome = new Zone('Europe/Rome');

interface Sample {
  handle: number;
  t: number;
  quality: number;
  value: number | string | null;
}

/** Hundreds of stores are made here, and nothing of power cuts is asked: memory will do where there is such a folder. */
const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** New databases, which are copied: to make them takes longer than most of what is done with them. */
const fresh = mkdtempSync(join(FAST, 'smx-journal-'));
for (const kind of [STORE, HISTORY]) openDatabase(fresh, kind, 1).db.close();
afterAll(() => rmSync(fresh, { recursive: true }));

interface Row {
  t: number;
  value: RunValue;
  quality: number;
}

const rowsOf = (runs: Iterable<SampleRun | undefined>): Row[] =>
  [...runs].flatMap((run) =>
    run === undefined ? [] : Array.from(run.t, (t, i) => ({ t, value: valueAt(run, i), quality: run.quality[i]! })),
  );

/** A real historian in a folder of its own, written to batch by batch at times the test says. */
class Rig {
  readonly folder = mkdtempSync(join(FAST, 'smx-journal-'));
  readonly gaps: Gap[] = [];
  private readonly store: Sqlite;
  historian: Historian;
  private readonly encoder = new SampleEncoder();
  private readonly batch = new SampleBatch();

  /** With `seals` closed segments become chunks at once, and what is past `raw` is thinned. */
  constructor(
    private readonly options: { seals: boolean; raw?: number; minutes?: number; budget?: number } = { seals: true },
  ) {
    cpSync(fresh, this.folder, { recursive: true });
    this.store = openDatabase(this.folder, STORE, 1).db;
    this.historian = this.start();
  }

  restart(now: number): void {
    this.historian.close(now);
    this.historian = this.start();
  }

  private start(): Historian {
    return new Historian({
      ...{
        folder: this.folder,
        db: openDatabase(this.folder, HISTORY, 1).db,
        store: this.store,
        epoch: 1,
        now: 1,
        cut: undefined,
        raw: this.options.raw ?? 1e12,
        minutes: this.options.minutes ?? 1e12,
        keep: 1e13,
        budget: this.options.budget ?? 1e12,
        lastSeq: 0,
      },
      onGap: (gap) => void this.gaps.push(gap),
      onSealed: () => undefined,
      onSalvaged: () => undefined,
      whereItCan: (work) => work(),
    });
  }

  /** Does what is due, to the end. */
  settle(now: number): void {
    for (let chore = this.historian.chore(now, true); chore !== undefined; chore = this.historian.chore(now, true))
      while (chore.next().done !== true);
  }

  write(now: number, samples: readonly Sample[]): void {
    this.batch.clear(now);
    for (const { handle, t, quality, value } of samples) {
      const i = this.batch.add(handle);
      this.batch.t[i] = t;
      this.batch.quality[i] = quality;
      if (typeof value === 'number') this.batch.number[i] = value;
      else this.batch.other.set(i, value);
    }
    this.encoder.add(this.batch);
    const { samples: n, minT, maxT, minReceived, maxReceived } = this.encoder;
    const record = this.encoder.take();
    const { journal } = this.historian;
    if (record !== undefined) journal.append(record, { samples: n, minT, maxT, minReceived, maxReceived }, now);
    journal.tick(now);
    if (this.options.seals) this.settle(now);
  }

  raw(handle: number, from: number, to: number): Row[] {
    return rowsOf(rawRows(this.historian.source.read({ handle, from, to }), undefined));
  }

  windows(query: {
    handle: number;
    from: number;
    to: number;
    every: number;
    as: Aggregate;
    maxAge?: number;
    now?: number;
  }): Row[] {
    return rowsOf(
      windowRows(this.historian.source, { maxAge: 0, zone: rome, now: 9e15, ...query }, this.historian.windows),
    );
  }

  end(): void {
    this.historian.close(0);
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }
}

let rig: Rig;
beforeEach(() => (rig = new Rig()));
afterEach(() => rig.end());

const start = Date.UTC(2026, 9, 24, 20);
const good = (handle: number, t: number, value: number): Sample => ({ handle, t, quality: GOOD, value });

interface Step {
  wait: number;
  jump: number;
  samples: { handle: number; late: number; quality: number; value: number | null }[];
}

/** Minutes to hours between batches, late and early source times, and a wall clock that may be set. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    wait: fc.constantFrom(1000, 10_000, 300_000, HOUR / 2, 2 * HOUR),
    jump: fc.oneof(
      { arbitrary: fc.constant(0), weight: 20 },
      { arbitrary: fc.constantFrom(-3 * HOUR, 5 * HOUR), weight: 1 },
    ),
    samples: fc.array(
      fc.record({
        handle: fc.integer({ min: 1, max: 3 }),
        late: fc.integer({ min: -600_000, max: 600_000 }),
        quality: fc.oneof(
          { arbitrary: fc.constant(GOOD), weight: 8 },
          fc.constantFrom(UNCERTAIN, BAD, STALE, SUBSTITUTED),
        ),
        value: fc.oneof({ arbitrary: fc.integer({ min: 0, max: 1000 }), weight: 9 }, fc.constant(null)),
      }),
      { maxLength: 12 },
    ),
  }),
  { maxLength: 40 },
);

/** Plays the steps in and gives what was written, each source time of a point once. */
function play(all: readonly Step[], at: Rig): Sample[] {
  const seen = new Set<string>();
  const written: Sample[] = [];
  let now = start;
  for (const { wait, jump, samples } of all) {
    now += wait + jump;
    const batch = samples
      .map(({ handle, late, quality, value }) => ({ handle, t: now + late, quality, value }))
      .filter(({ handle, t }) => !seen.has(`${handle} ${t}`) && seen.add(`${handle} ${t}`));
    written.push(...batch);
    at.write(now, batch);
  }
  return written;
}

describe('raw rows', () => {
  it('are the samples of the point in order of their time, whatever order they came in', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 20 * HOUR }),
        fc.integer({ min: 0, max: 40 * HOUR }),
        (all, from, length) => {
          const own = new Rig();
          const written = play(all, own);
          for (const handle of [1, 2, 3])
            for (const [a, b] of [
              [start + from, start + from + length],
              [0, 9e12],
            ] as const) {
              const expected = written
                .filter((sample) => sample.handle === handle && sample.t > a && sample.t <= b)
                .sort((x, y) => x.t - y.t)
                .map(({ t, value, quality }) => ({ t, value, quality }));
              // a stale restatement older than all its segment has is no row; here only where no other sample is earlier
              const got = own.raw(handle, a, b);
              const listed = new Set(got.map(({ t }) => t));
              const missing = expected.filter(({ t }) => !listed.has(t));
              expect(missing.every(({ quality }) => quality === STALE || quality === BAD)).toBe(true);
              expect(got).toEqual(expected.filter(({ t }) => listed.has(t)));
            }
          own.end();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leave out what tells nothing new and keep a correction', () => {
    const t = start;
    rig.write(t, [good(1, t, 5)]);
    rig.write(t + 1000, [good(1, t, 5)]);
    rig.write(t + 2000, [{ handle: 1, t, quality: STALE, value: 5 }]);
    rig.write(t + 3000, [good(1, t, 6)]);
    rig.write(t + 4000, [{ handle: 1, t: t + 4000, quality: BAD, value: null }]);
    expect(rig.raw(1, 0, 9e12)).toEqual([
      { t, value: 5, quality: GOOD },
      { t, value: 6, quality: GOOD },
      { t: t + 4000, value: null, quality: BAD },
    ]);
  });

  it('count from as outside and to as inside', () => {
    for (let n = 0; n < 5; n++) rig.write(start + n * 1000, [good(1, start + n * 1000, n)]);
    expect(rig.raw(1, start + 1000, start + 3000).map(({ value }) => value)).toEqual([2, 3]);
  });
});

/** The windows as the contract words them, from all samples at once. */
function naive(
  samples: readonly Sample[],
  query: { from: number; to: number; every: number; as: Aggregate; maxAge: number },
): Row[] {
  const { from, to, every, as, maxAge } = query;
  const sorted = [...samples].sort((a, b) => a.t - b.t);
  const usable = sorted.filter(
    ({ value, quality }) => value !== null && [GOOD, UNCERTAIN, SUBSTITUTED].includes(quality),
  ) as (Sample & { value: number })[];
  const rows: Row[] = [];
  // stale and bad ones are no sign that the store was there
  const oldest = Math.min(...samples.filter(({ quality }) => quality !== STALE && quality !== BAD).map(({ t }) => t));
  if (oldest === Infinity) return [];
  const first = Math.max(Math.floor(from / every) * every + every, Math.ceil(oldest / every) * every);
  const length = Math.min(2 * HOUR, 10_000 * every);
  const warm = every >= length ? first - 2 * every : Math.ceil((first - every - length) / every) * every;
  for (let end = first; end <= to; end += every) {
    const inside = usable.filter(({ t }) => t > end - every && t <= end);
    const before = usable.filter(({ t }) => t > warm && t <= end - every);
    const values = inside.map(({ value }) => value);
    const last = before.at(-1);
    const times = usable.filter(({ t }) => t > warm && t <= end).map(({ t }) => t);
    const spacings = times
      .slice(1)
      .map((t, i) => t - times[i]!)
      .slice(-16)
      .sort((a, b) => a - b);
    const spacing = spacings[spacings.length >> 1] ?? maxAge;
    const few = maxAge > 0 && inside.length < (every / spacing) * 0.8;
    const uncertain = few || inside.some(({ quality }) => quality === UNCERTAIN);
    let quality = uncertain ? UNCERTAIN : inside.some((sample) => sample.quality === SUBSTITUTED) ? SUBSTITUTED : GOOD;
    let value: number | null = null;
    if (inside.length === 0) quality = BAD;
    else if (as === 'last') value = values.at(-1)!;
    else if (as === 'mean') value = values.reduce((sum, v) => sum + v, 0) / values.length;
    else if (as === 'min') value = Math.min(...values);
    else if (as === 'max') value = Math.max(...values);
    else if (as === 'sum') value = values.reduce((sum, v) => sum + v, 0);
    else if (last === undefined) quality = BAD;
    else {
      const fell = values.some((v, i) => v < (values[i - 1] ?? last.value));
      value = fell ? null : values.at(-1)! - last.value;
      const windowBefore = before.filter(({ t }) => t > end - 2 * every);
      const vague = windowBefore.length === 0 || windowBefore.some((sample) => sample.quality === UNCERTAIN);
      if (fell || vague) quality = UNCERTAIN;
    }
    rows.push({ t: end, value, quality });
  }
  return rows;
}

describe('window rows', () => {
  it('are those of a naive reading of the contract', () => {
    const query = fc.record({
      from: fc.integer({ min: -HOUR, max: 10 * HOUR }),
      length: fc.integer({ min: 0, max: 12 * HOUR }),
      every: fc.constantFrom(60_000, 300_000, 900_000, HOUR, 6 * HOUR),
      as: fc.constantFrom(...AGGREGATES),
      maxAge: fc.constantFrom(0, 10_000, HOUR),
    });
    fc.assert(
      fc.property(steps, fc.array(query, { minLength: 1, maxLength: 4 }), (all, queries) => {
        const own = new Rig();
        const written = play(all, own);
        for (const { from, length, every, as, maxAge } of queries) {
          const range = { from: start + from, to: start + from + length };
          const got = own.windows({ handle: 1, ...range, every, as, maxAge });
          const mine = written.filter(({ handle }) => handle === 1);
          const others = written.filter(({ handle }) => handle !== 1).map((sample) => ({ ...sample, value: null }));
          // the oldest sample of any point is where the store begins
          const expected = naive([...mine, ...others], { ...range, every, as, maxAge });
          expect(got).toEqual(
            expected.map((row) => ({
              ...row,
              value: row.value === null ? null : expect.closeTo(Number(row.value), 9),
            })),
          );
        }
        own.end();
      }),
      { numRuns: 70 },
    );
  });

  it('of days end at local midnight, also where the day has 25 hours', () => {
    const end = Date.UTC(2026, 9, 25, 23);
    for (let t = start; t <= end + DAY; t += 900_000) rig.write(t, [good(1, t, 1)]);
    const rows = rig.windows({ handle: 1, from: start, to: end + DAY, every: DAY, as: 'sum' });
    expect(rows.map(({ t }) => t)).toEqual([Date.UTC(2026, 9, 24, 22), end, end + DAY]);
    expect(rows.slice(1).map(({ value }) => value)).toEqual([100, 96]);
  });

  it('give no window before it is closed, none before the store began, and null for an empty one', () => {
    rig.write(start + 1000, [good(1, start + 1000, 1)]);
    rig.write(start + 200_000, [good(1, start + 200_000, 3)]);
    const rows = rig.windows({ handle: 1, from: 0, to: 9e12, every: 60_000, as: 'mean', now: start + 239_999 });
    expect(rows).toEqual([
      { t: start + 60_000, value: 1, quality: GOOD },
      { t: start + 120_000, value: null, quality: BAD },
      { t: start + 180_000, value: null, quality: BAD },
    ]);
    expect(rig.windows({ handle: 2, from: 0, to: start + 60_000, every: 60_000, as: 'last' })).toEqual([
      { t: start + 60_000, value: null, quality: BAD },
    ]);
  });

  it('of texts give the last of each window', () => {
    rig.write(start + 1, [{ handle: 1, t: start + 1, quality: GOOD, value: 'a' }]);
    rig.write(start + 2, [{ handle: 1, t: start + 2, quality: GOOD, value: 'b' }]);
    expect(rig.windows({ handle: 1, from: start, to: start + 1000, every: 1000, as: 'last' })).toEqual([
      { t: start + 1000, value: 'b', quality: GOOD },
    ]);
  });
});

const START_DAY = Date.UTC(2026, 9, 23);

/** What meters give for days, with texts, pauses, restatements and a late hour in it. */
function playDays(own: Rig, { days, seed }: { days: number; seed: number }): number {
  let state = seed;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  let now = START_DAY + 17.05 * HOUR;
  let counter = 1000;
  for (const end = now + days * DAY; now < end; now += 60_000) {
    if (random() < 0.002) now += random() * 3 * HOUR;
    now = Math.floor(now);
    const t = random() < 0.01 ? now - 500_000 : now - 20;
    own.write(now, [
      { handle: 1, t, quality: random() < 0.01 ? UNCERTAIN : GOOD, value: Math.round(random() * 1000) / 10 },
      { handle: 2, t, quality: random() < 0.01 ? BAD : GOOD, value: (counter += Math.round(random() * 9)) },
      ...(random() < 0.02 ? [{ handle: 3, t, quality: GOOD, value: Math.round(random() * 10) }] : []),
      ...(random() < 0.01 ? [{ handle: 1, t, quality: STALE, value: 3 }] : []),
    ]);
  }
  return now;
}

describe('kept windows', () => {
  const queries = AGGREGATES.flatMap((as) =>
    [900_000, HOUR, DAY].flatMap((every) =>
      [1, 2, 3].flatMap((handle) => [0, 60_000].map((maxAge) => ({ as, every, handle, maxAge }))),
    ),
  );

  it('that are kept beside the samples change no answer', () => {
    const seed = 7;
    const kept = new Rig();
    const plain = new Rig({ seals: false });
    const end = playDays(kept, { days: 3, seed });
    playDays(plain, { days: 3, seed });
    expect(kept.historian.windows.quarters.table.rows(1, 0, 1e6).length).toBeGreaterThanOrEqual(2);
    let used = 0;
    for (const query of queries)
      for (const [from, to] of [
        [0, end],
        [end - 2.2 * DAY, end - 1.2 * DAY],
      ] as const) {
        if (kept.historian.windows.cover({ ...query, from, to }) !== undefined) used++;
        expect([query, kept.windows({ ...query, from, to })]).toEqual([query, plain.windows({ ...query, from, to })]);
      }
    expect(used).toBeGreaterThan(queries.length / 3);
    for (const own of [kept, plain]) own.end();
  });

  it('are not looked for on each day of the years that a clock was set by', () => {
    const own = new Rig({ seals: false });
    const set = Date.UTC(2026, 9, 23, 17, 3);
    for (const now of [1000 * 1000, set]) own.write(now, [{ handle: 1, t: now, quality: GOOD, value: 1 }]);
    const now = set + 2 * DAY;
    own.historian.journal.close(now);
    let chores = 0;
    for (let chore = own.historian.chore(now, true); chore !== undefined; chore = own.historian.chore(now, true)) {
      chores++;
      while (chore.next().done !== true);
    }
    expect(chores).toBeLessThan(10);
    expect(own.historian.windows.quarters.table.rows(1, 0, 1e6).map(({ span }) => span)).toEqual([
      0,
      Math.floor(set / DAY),
    ]);
    own.end();
  });

  it('stand for samples that are gone', () => {
    const seed = 11;
    const thinned = new Rig({ seals: true, raw: 30 * HOUR });
    const plain = new Rig({ seals: false });
    const end = playDays(thinned, { days: 3, seed });
    playDays(plain, { days: 3, seed });
    expect(thinned.gaps.map(({ why }) => why)).toContain('age');
    expect(thinned.raw(1, 0, end - 2 * DAY)).toEqual([]);
    expect(thinned.raw(1, end - DAY, end)).toEqual(plain.raw(1, end - DAY, end));
    const fine = AGGREGATES.flatMap((as) => [60_000, 300_000].map((every) => ({ as, every, handle: 2, maxAge: 0 })));
    for (const query of [...queries.filter(({ maxAge }) => maxAge === 0), ...fine]) {
      const all = thinned.windows({ ...query, from: 0, to: end });
      const expected = plain.windows({ ...query, from: 0, to: end });
      expect(all.map(({ t }) => t)).toEqual(expected.map(({ t }) => t));
      for (const [i, row] of all.entries())
        expect([query, row.value]).toEqual([
          query,
          expected[i]!.value === null ? null : expect.closeTo(expected[i]!.value as number, 6),
        ]);
    }
    // finer windows begin where the samples do
    const finer = thinned.windows({ handle: 1, from: 0, to: end, every: 10_000, as: 'mean' });
    expect(finer[0]!.t).toBeGreaterThan(end - 2 * DAY);
    for (const own of [thinned, plain]) own.end();
  });

  it('of a minute go at their age, which is told, and those of 15 minutes stay', () => {
    const [long, short] = [1e12, 2 * DAY].map((minutes) => new Rig({ seals: true, raw: 20 * HOUR, minutes })) as [
      Rig,
      Rig,
    ];
    const end = playDays(long, { days: 4, seed: 5 });
    playDays(short, { days: 4, seed: 5 });
    const read = (own: Rig, every: number): Row[] => own.windows({ handle: 2, from: 0, to: end, every, as: 'max' });
    const minutes = read(short, 60_000);
    expect(minutes[0]!.t).toBeGreaterThan(end - 3.2 * DAY);
    expect(minutes[0]!.t).toBeLessThan(end - 1.9 * DAY);
    expect(read(long, 60_000).slice(-minutes.length)).toEqual(minutes);
    expect(read(short, 900_000)).toEqual(read(long, 900_000));
    const told = short.gaps.filter(({ windows }) => windows !== undefined);
    expect(told[0]).toEqual({
      why: 'age',
      windows: '1m',
      bytes: expect.any(Number),
      from: START_DAY,
      to: START_DAY + DAY,
    });
    expect(told.at(-1)!.to).toBeLessThan(minutes[0]!.t);
    expect(long.gaps.every(({ windows }) => windows === undefined)).toBe(true);
    for (const own of [long, short]) own.end();
  });

  it('of a minute are not made where they would be kept for less long than samples', () => {
    const own = new Rig({ seals: true, raw: 30 * HOUR, minutes: 20 * HOUR });
    const end = playDays(own, { days: 3, seed: 5 });
    expect(own.gaps.map(({ why }) => why)).toContain('age');
    expect(own.gaps.every(({ windows }) => windows === undefined)).toBe(true);
    const read = (every: number): Row[] => own.windows({ handle: 2, from: 0, to: end - 2 * DAY, every, as: 'max' });
    expect(read(60_000)).toEqual([]);
    expect(read(900_000).length).toBeGreaterThan(50);
    own.end();
  });

  it('outlive samples where room is wanted, those of a minute first', () => {
    /** What went, in order: samples, or windows of which length. */
    const gone = (budget: number): string[] => {
      const own = new Rig({ seals: true, budget });
      const end = playDays(own, { days: 6, seed: 3 });
      expect(own.historian.used).toBeLessThan(1.2 * budget);
      expect(own.windows({ handle: 2, from: end - HOUR, to: end, every: 60_000, as: 'last' }).length).toBeGreaterThan(
        50,
      );
      own.end();
      return own.gaps.map(({ why, windows }) => `${why} ${windows ?? 'samples'}`);
    };
    const some = gone(45_000);
    expect(some[0]).toBe('budget samples');
    expect(new Set(some)).toEqual(new Set(['budget samples', 'budget 1m']));
    const most = gone(16_000);
    expect(most).toContain('budget 15m');
    expect(most.indexOf('budget 1m')).toBeLessThan(most.indexOf('budget 15m'));
  });
});

describe('segments', () => {
  it('begin anew each hour, and are all there for a journal that starts again', () => {
    for (let n = 0; n < 5; n++) rig.write(start + n * HOUR, [good(1, start + n * HOUR, n)]);
    rig.restart(start + 5 * HOUR);
    rig.write(start + 5 * HOUR, [good(1, start + 5 * HOUR, 5)]);
    expect(rig.raw(1, 0, 9e12).map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(rig.gaps).toEqual([]);
  });

  it('read the same whether they are sealed or not, whatever is asked', () => {
    const query = fc.record({
      from: fc.integer({ min: -HOUR, max: 20 * HOUR }),
      length: fc.integer({ min: 0, max: 40 * HOUR }),
      every: fc.constantFrom(undefined, undefined, 300_000, 900_000, HOUR, 6 * HOUR, DAY),
      as: fc.constantFrom(...AGGREGATES),
      maxAge: fc.constantFrom(0, 10_000, HOUR),
    });
    fc.assert(
      fc.property(steps, fc.array(query, { minLength: 1, maxLength: 6 }), (all, queries) => {
        const sealed = new Rig();
        const plain = new Rig({ seals: false });
        for (const own of [sealed, plain]) play(all, own);
        sealed.historian.journal.close(start);
        sealed.settle(start);
        expect(sealed.historian.journal.segments).toEqual([]);
        for (const { from, length, every, as, maxAge } of queries)
          for (const handle of [1, 2, 3]) {
            const range = { handle, from: start + from, to: start + from + length };
            const read = (own: Rig): Row[] =>
              every === undefined
                ? own.raw(handle, range.from, range.to)
                : own.windows({ ...range, every, as, maxAge });
            expect(read(sealed)).toEqual(read(plain));
          }
        for (const own of [sealed, plain]) own.end();
      }),
      { numRuns: 40 },
    );
  });
});
