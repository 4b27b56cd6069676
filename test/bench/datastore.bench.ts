import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveTable, Store } from '@smx-edge/datastore';
import {
  SampleBatch,
  silentLog,
  systemClock,
  VirtualClock,
  Zone,
  type Clock,
  type PointDefinition,
} from '@smx-edge/model';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WindowTable } from '../../libs/datastore/src/database/window-table.js';
import { addRowSum } from '../../libs/datastore/src/database/row-sum.js';
import type { KeptWindow } from '../../libs/datastore/src/windows/kept-window.js';
import { DAY, QUARTER, QUARTERS } from '../../libs/datastore/src/windows/resolution.js';
import { encodeSpan } from '../../libs/datastore/src/windows/window-span.js';
import { medianOf, type Bench } from './row.js';

/** The driver that the store uses. */
const Database = createRequire(require.resolve('@smx-edge/datastore'))('better-sqlite3') as new (
  path: string,
) => Sqlite;

interface Sqlite {
  pragma(text: string): unknown;
  exec(text: string): unknown;
  prepare(text: string): { run(...values: unknown[]): unknown };
  transaction(work: () => void): () => void;
  close(): void;
}

const POINTS = 1000;
const BATCH = 100;
const SITE_POINTS = 20;

const point = (i: number): PointDefinition => ({
  path: `d${i % 10}/p${i}`,
  device: `d${i % 10}`,
  instance: 'bench',
  unit: 'W',
  type: 'number',
  kind: 'measurement',
  maxAge: 10_000,
});

/** Samples/s of `work` on batches of 100 points, over about 300 ms. */
function rate(work: (batch: SampleBatch) => void): number {
  const batches = Array.from({ length: POINTS / BATCH }, (_, b) => {
    const batch = new SampleBatch(BATCH);
    batch.clear(Date.now());
    for (let k = 0; k < BATCH; k++) {
      const i = batch.add(b * BATCH + k + 1);
      batch.number[i] = k / 10;
    }
    return batch;
  });
  const start = performance.now();
  let samples = 0;
  let elapsed = 0;
  while ((elapsed = performance.now() - start) < 300)
    for (const batch of batches) {
      work(batch);
      samples += batch.n;
    }
  return samples / (elapsed / 1000);
}

function bare(): (batch: SampleBatch) => void {
  const numbers = new Float64Array(POINTS + 1);
  const times = new Float64Array(POINTS + 1);
  const received = new Float64Array(POINTS + 1);
  const qualities = new Uint8Array(POINTS + 1);
  return (batch) => {
    for (let i = 0; i < batch.n; i++) {
      const handle = batch.handle[i]!;
      numbers[handle] = batch.number[i]!;
      times[handle] = batch.t[i]!;
      received[handle] = batch.received;
      qualities[handle] = batch.quality[i]!;
    }
  };
}

function liveTable(subscribers: number): { ingest: (batch: SampleBatch) => void; close: () => void } {
  const live = new LiveTable({ clock: systemClock });
  for (let i = 0; i < POINTS; i++) live.declare(point(i));
  const sums = new Float64Array(subscribers);
  for (let s = 0; s < subscribers; s++)
    live.subscribe((batch) => {
      for (let i = 0; i < batch.n; i++) sums[s]! += batch.number[i]!;
    });
  return { ingest: (batch) => live.ingest(batch), close: () => live.close() };
}

async function liveRate(subscribers: number): Promise<number> {
  return medianOf(5, () => {
    const { ingest, close } = liveTable(subscribers);
    try {
      return rate(ingest);
    } finally {
      close();
    }
  });
}

const optionsOf = (dir: string, clock: Clock): Parameters<typeof Store.open>[0] => ({
  ...{ dir, clock, zone: new Zone('Europe/Rome'), log: silentLog },
  ...{ flush: 10_000, budget: 2 ** 31, raw: 1e12 },
});

/** Voltage in tenths, power in watts, a counter, frequency in hundredths, current: walks as meters give them. */
class Signals {
  private seed = 1;
  private readonly values: number[];

  constructor(points: number) {
    this.values = Array.from({ length: points }, (_, k) => [2300, 800, 1_234_567, 5000, 31][k % 5]!);
  }

  next(k: number): number {
    const value = (this.values[k] = this.step(k % 5, this.values[k]!));
    return [value / 10, Math.round(value + this.spread(12)), value, value / 100, value / 100][k % 5]!;
  }

  private step(kind: number, value: number): number {
    if (kind === 0) return value + this.spread(3) + Math.round((2300 - value) * 0.05);
    if (kind === 1) return this.random() < 0.003 ? Math.round(this.random() * 4000) : value;
    if (kind === 2) return value + (this.random() < 0.22 ? 1 : 0);
    if (kind === 3) return 5000 + this.spread(2);
    return Math.max(0, value + this.spread(2));
  }

  private random(): number {
    return (this.seed = (this.seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  }

  private spread(width: number): number {
    return Math.round((this.random() + this.random() + this.random() - 1.5) * width);
  }
}

/** A virtual site, one batch of all its points a second. */
class Site {
  private readonly batch = new SampleBatch();
  private readonly handles: number[];
  private readonly signals: Signals;
  readonly begun: number;

  private constructor(
    readonly store: Store,
    private readonly clock: VirtualClock,
    points: number,
  ) {
    this.begun = clock.now();
    this.handles = Array.from({ length: points }, (_, i) => store.live.declare(point(i)));
    this.signals = new Signals(points);
  }

  static async open(dir: string, points = SITE_POINTS): Promise<Site> {
    const clock = new VirtualClock();
    return new Site(await Store.open(optionsOf(dir, clock)), clock, points);
  }

  get now(): number {
    return this.clock.now();
  }

  get handle(): number {
    return this.handles[1]!;
  }

  second(): void {
    const { batch } = this;
    batch.clear(this.clock.now() + 20);
    for (const [k, handle] of this.handles.entries()) {
      const i = batch.add(handle);
      batch.number[i] = this.signals.next(k);
      batch.t[i] = this.clock.now();
    }
    this.store.live.ingest(batch);
    this.clock.advance(1000);
  }

  /** So many hours with a flush each `flush` seconds, sealed as they are over. */
  async hours(hours: number, flush: number): Promise<void> {
    for (let s = 1; s <= hours * 3600; s++) {
      this.second();
      if (s % flush === 0) await this.store.flush();
      if (s % 3600 === 0) await this.store.settled();
    }
  }
}

/** Nothing left for the file system to do in the background, which would be counted too. */
const LAID_OUT = 'lazy_itable_init=0,lazy_journal_init=0';

const run = (command: string, ...args: string[]): string | undefined => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** Runs `work` in an ext4 of its own on a loop device, where this user may make one; a process's own count misses metadata. */
async function onDevice<T>(
  folder: string,
  work: (dir: string, written: () => number) => Promise<T>,
): Promise<T | undefined> {
  const image = join(folder, 'image');
  const at = join(folder, 'mounted');
  closeSync(openSync(image, 'w'));
  truncateSync(image, 256 * 2 ** 20);
  mkdirSync(at);
  const device = run('losetup', '-f', '--show', image);
  if (device === undefined) return undefined;
  try {
    if (run('mkfs.ext4', '-q', '-E', LAID_OUT, device) === undefined || run('mount', device, at) === undefined)
      return undefined;
    const stat = join('/sys/block', device.slice(5), 'stat');
    return await work(join(at, 'data'), () => {
      run('sync', '-f', at);
      return Number(readFileSync(stat, 'utf8').trim().split(/\s+/)[6]) * 512;
    });
  } finally {
    run('umount', at);
    run('losetup', '-d', device);
  }
}

/** MB a day that reach the device, from two hours with their sealing. */
async function wear(folder: string, points: number, flush: number): Promise<number | undefined> {
  const at = mkdtempSync(join(folder, 'wear-'));
  return onDevice(at, async (dir, written) => {
    const site = await Site.open(dir, points);
    await site.hours(1, flush);
    const before = written();
    await site.hours(2, flush);
    const figure = ((written() - before) * 12) / 1e6;
    await site.store.close();
    return figure;
  });
}

/** Bytes a sample of 100 points takes on disk once it is sealed. */
async function size(dir: string): Promise<number> {
  const hours = 6;
  const site = await Site.open(dir, 100);
  await site.hours(hours, 60);
  await site.store.flush();
  // the hour that is over now is ended by the first tick of the next
  site.second();
  await site.store.settled();
  await site.store.close();
  return statSync(join(dir, 'history.db')).size / (hours * 3600 * 100);
}

/** Samples/s into a table of rows: time, point, value and quality, a transaction for each minute and as durable (WAL, FULL). */
function rowInsert(path: string): number {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(
    'CREATE TABLE rows (t INTEGER, handle INTEGER, value REAL, quality INTEGER, PRIMARY KEY (t, handle)) WITHOUT ROWID',
  );
  const insert = db.prepare('INSERT INTO rows VALUES (?, ?, ?, ?)');
  const start = performance.now();
  let samples = 0;
  for (let minute = 0; performance.now() - start < 2000; minute++)
    db.transaction(() => {
      for (let s = 0; s < 60; s++)
        for (let k = 0; k < 100; k++, samples++) insert.run(minute * 60_000 + s * 1000, k, k / 10, 0);
    })();
  const elapsed = performance.now() - start;
  db.close();
  return samples / (elapsed / 1000);
}

/** Samples/s from `ingest` to durable in the journal, a minute of 100 points a flush; hours that are over are sealed meanwhile. */
async function ingest(dir: string): Promise<number> {
  const clock = new VirtualClock();
  const store = await Store.open(optionsOf(dir, clock));
  const batch = new SampleBatch(100);
  const handles = Array.from({ length: 100 }, (_, i) => store.live.declare(point(i)));
  const start = performance.now();
  let samples = 0;
  while (performance.now() - start < 2000) {
    for (let s = 0; s < 60; s++) {
      batch.clear(clock.now());
      for (const [k, handle] of handles.entries()) batch.number[batch.add(handle)] = k / 10;
      store.live.ingest(batch);
      samples += batch.n;
      clock.advance(1000);
    }
    await store.flush();
  }
  const elapsed = performance.now() - start;
  await store.close();
  return samples / (elapsed / 1000);
}

/** What is ingested to durable and what rows take, by turns, so that both meet the same machine. */
async function ingestBesideRows(folder: string): Promise<{ durable: number; rows: number }> {
  const rows: number[] = [];
  const durable = await medianOf(5, async () => {
    const own = mkdtempSync(join(folder, 'ingest-'));
    rows.push(rowInsert(join(own, 'rows.db')));
    return ingest(join(own, 'store'));
  });
  return { durable, rows: await medianOf(rows.length, () => rows.pop()!) };
}

/** ms of one reading; of the first ones nothing counts, in which its code is compiled. */
async function timed(store: Store, query: Parameters<Store['history']>[0], expected: number): Promise<number> {
  const once = async (): Promise<number> => {
    const began = performance.now();
    let rows = 0;
    for await (const chunk of store.history(query)) rows += chunk.length;
    if (rows !== expected) throw new Error(`${rows} rows came back, not ${expected}`);
    return performance.now() - began;
  };
  await medianOf(10, once);
  return medianOf(25, once);
}

/** One sealed day of a point: all its samples, and its quarter-hour means. */
async function day(dir: string): Promise<{ read: number; windows: number }> {
  const site = await Site.open(dir);
  await site.hours(26, 60);
  const query = { handle: site.handle, from: site.begun, to: site.begun + DAY };
  // the first sample stands at `from`, which is outside
  const read = await timed(site.store, query, 86_400);
  const windows = await timed(site.store, { ...query, every: QUARTER, as: 'mean' }, 96);
  await site.store.close();
  return { read, windows };
}

/** Ten years of quarter-hour means of a point whose samples are gone. */
async function years(dir: string): Promise<number> {
  const days = 3650;
  const clock = new VirtualClock(Date.UTC(2036, 0, 2));
  let store = await Store.open(optionsOf(dir, clock));
  const handle = store.live.declare(point(1));
  await store.close();
  const db = new Database(join(dir, 'history.db'));
  addRowSum(db as Parameters<typeof addRowSum>[0]);
  const table = new WindowTable(db as ConstructorParameters<typeof WindowTable>[0], QUARTERS);
  const last = Math.floor(clock.now() / DAY) - 1;
  db.transaction(() => {
    for (let day = last - days + 1; day <= last; day++) {
      const windows = Array.from({ length: 96 }, (_, i) => quarter(day, i));
      table.put(
        handle,
        { span: day, upto: 1, thinned: true, steady: true, whole: false },
        encodeSpan({ of: QUARTERS, handle, span: day }, windows),
      );
    }
  })();
  db.close();
  store = await Store.open(optionsOf(dir, clock));
  const figure = await timed(store, { handle, from: 0, to: clock.now(), every: QUARTER, as: 'mean' }, days * 96);
  await store.close();
  return figure;
}

function quarter(at: number, i: number): KeptWindow {
  const end = at * DAY + (i + 1) * QUARTER;
  const value = 200 + ((at * 96 + i) % 977) / 10;
  return {
    ...{ end, count: 900, sum: value * 900, min: value - 20, max: value + 31, first: value, last: value + 1 },
    ...{ lastT: end - 20, spacing: 1000, uncertain: false, substituted: false, fell: true, steady: true, whole: false },
  };
}

/** Delay of the main thread, 99th percentile in ms, while 10,000 samples/s come, are flushed, read and sealed. */
async function pause(dir: string): Promise<number> {
  const site = await Site.open(dir, 100);
  // three hours that are left to seal
  for (let s = 0; s < 3 * 3600; s++) site.second();
  await site.store.close();
  const store = await Store.open(optionsOf(dir, systemClock));
  const handles = Array.from({ length: 100 }, (_, i) => store.live.declare(point(i)));
  const batch = new SampleBatch(100);
  const sealed = store.settled();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let n = 0; n < 400; n++) {
    batch.clear(Date.now());
    for (const [k, handle] of handles.entries()) batch.number[batch.add(handle)] = (n + k) / 10;
    store.live.ingest(batch);
    if (n % 10 === 0) await store.flush();
    await sleep(10);
  }
  delay.disable();
  await sealed;
  await store.close();
  // the timer of the measurement itself is due each millisecond
  return Math.max(0, delay.percentile(99) / 1e6 - 1);
}

const row = (
  name: string,
  figure: number,
  more: { unit: string; target: number; limit?: number; better?: 'more' | 'less' },
): Awaited<ReturnType<Bench['run']>>[number] => ({ name, figure, limit: null, better: 'less', ...more });

export const bench: Bench = {
  name: 'datastore',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-'));
    try {
      const limit = await medianOf(5, () => rate(bare()));
      const alone = await liveRate(0);
      const ten = await liveRate(10);
      const site = await wear(folder, SITE_POINTS, 10);
      const large = await wear(folder, 100, 60);
      const bytes = await size(join(folder, 'size'));
      const { durable, rows } = await ingestBesideRows(folder);
      const { read, windows } = await day(join(folder, 'day'));
      const means = await years(join(folder, 'years'));
      const held = await pause(join(folder, 'pause'));
      return [
        { name: 'live table: ingest', figure: alone, unit: 'samples/s', target: 2e6, limit, better: 'more' },
        {
          name: 'live table: ingest, 10 subscribers',
          figure: ten,
          unit: 'samples/s',
          target: 1e6,
          limit,
          better: 'more',
        },
        row('journal: ingest to durable', durable, {
          ...{ unit: 'samples/s', target: Math.max(5e5, rows), limit: rows, better: 'more' },
        }),
        ...(site === undefined
          ? []
          : [row('at the device a day, 20 values/s, flush 10 s', site, { unit: 'MB', target: 50 })]),
        ...(large === undefined
          ? []
          : [row('at the device a day, 100 values/s, flush 60 s', large, { unit: 'MB', target: 200 })]),
        row('sealed: a sample of 100 points at 1 Hz', bytes, { unit: 'B', target: 1.2 }),
        row('history: one point, one day of 86,400 samples', read, { unit: 'ms', target: 5 }),
        row('history: 15-min means of that day', windows, { unit: 'ms', target: 5 }),
        row('history: ten years of 15-min means', means, { unit: 'ms', target: 100 }),
        row('main thread: delay by the store, p99', held, { unit: 'ms', target: 2 }),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
