import { spawnSync } from 'node:child_process';
import { LiveTable, Store } from '@smx-edge/datastore';
import { SampleBatch, silentLog, systemClock, VirtualClock, Zone, type PointDefinition } from '@smx-edge/model';
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianOf, type Bench } from './row.js';

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

/** A virtual site of 20 points, one batch a second. */
class Site {
  private readonly clock = new VirtualClock();
  private readonly batch = new SampleBatch();
  private readonly handles: number[];
  private seconds = 0;
  readonly begun = this.clock.now();

  private constructor(
    readonly store: Store,
    clock: VirtualClock,
  ) {
    this.clock = clock;
    this.handles = Array.from({ length: SITE_POINTS }, (_, i) => store.live.declare(point(i)));
  }

  static async open(dir: string): Promise<Site> {
    const clock = new VirtualClock();
    const options = {
      dir,
      clock,
      zone: new Zone('Europe/Rome'),
      log: silentLog,
      flush: 10_000,
      budget: 2 ** 31,
      raw: 1e12,
    };
    return new Site(await Store.open(options), clock);
  }

  get now(): number {
    return this.clock.now();
  }

  get handle(): number {
    return this.handles[1]!;
  }

  second(): void {
    const { batch } = this;
    const n = this.seconds++;
    batch.clear(this.clock.now() + 20);
    for (const [k, handle] of this.handles.entries()) {
      const i = batch.add(handle);
      // voltages in tenths, powers in watts and counters in Wh, as meters give them
      batch.number[i] =
        k % 3 === 0 ? (2300 + ((n * 7 + k) % 60)) / 10 : k % 3 === 1 ? (n * 37 + k * 91) % 4000 : 1_234_567 + n;
      batch.t[i] = this.clock.now();
    }
    this.store.live.ingest(batch);
    this.clock.advance(1000);
  }
}

const segments = (dir: string): string[] =>
  readdirSync(join(dir, 'journal'))
    .filter((name) => name.endsWith('.seg'))
    .map((name) => join(dir, 'journal', name));

const sizeOf = (dir: string): number => segments(dir).reduce((sum, file) => sum + statSync(file).size, 0);

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

/** MB a day that reach the device with 20 values a second and a flush each 10 s, from an hour of it. */
async function wear(folder: string): Promise<number | undefined> {
  return onDevice(folder, async (dir, written) => {
    const site = await Site.open(dir);
    await site.store.flush();
    const before = written();
    for (let s = 0; s < 3600; s++) {
      site.second();
      if (s % 10 === 9) await site.store.flush();
    }
    const figure = ((written() - before) * 24) / 1e6;
    await site.store.close();
    return figure;
  });
}

async function day(dir: string): Promise<{ rate: number; bare: number; read: number; scan: number; windows: number }> {
  const site = await Site.open(dir);
  const start = performance.now();
  for (let s = 0; s < 86_400; s++) {
    site.second();
    if (s % 60 === 59) await site.store.flush();
  }
  const samples = 86_400 * SITE_POINTS;
  const rateOf = samples / ((performance.now() - start) / 1000);
  const bytes = Buffer.alloc(Math.ceil(sizeOf(dir) / 1440), 1);
  const bareStart = performance.now();
  const fd = openSync(join(dir, 'bare'), 'w');
  for (let minute = 0; minute < 1440; minute++) {
    writeSync(fd, bytes);
    fdatasyncSync(fd);
  }
  closeSync(fd);
  const bareRate = samples / ((performance.now() - bareStart) / 1000);
  const timed = async (every?: number): Promise<number> =>
    medianOf(3, async () => {
      const began = performance.now();
      let rows = 0;
      const range = { handle: site.handle, from: site.begun, to: site.now };
      for await (const chunk of site.store.history(every === undefined ? range : { ...range, every, as: 'mean' }))
        rows += chunk.length;
      // the first sample stands at `from`, which is outside
      if (every === undefined && rows !== 86_399) throw new Error(`${rows} rows of a day came back`);
      return performance.now() - began;
    });
  const read = await timed();
  const windows = await timed(900_000);
  const scan = await medianOf(3, () => {
    const began = performance.now();
    let sum = 0;
    for (const file of segments(dir)) for (const byte of readFileSync(file)) sum += byte;
    return sum > 0 ? performance.now() - began : NaN;
  });
  await site.store.close();
  return { rate: rateOf, bare: bareRate, read, scan, windows };
}

const WEAR = {
  name: 'journal: at the device a day, 20 values/s',
  unit: 'MB',
  target: 50,
  limit: null,
  better: 'less',
} as const;

export const bench: Bench = {
  name: 'datastore',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-'));
    try {
      const limit = await medianOf(5, () => rate(bare()));
      const alone = await liveRate(0);
      const ten = await liveRate(10);
      const megabytes = await wear(folder);
      const a = await day(join(folder, 'day'));
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
        {
          name: 'journal: ingest to durable',
          figure: a.rate,
          unit: 'samples/s',
          target: 1e5,
          limit: a.bare,
          better: 'more',
        },
        ...(megabytes === undefined ? [] : [{ ...WEAR, figure: megabytes }]),
        {
          name: 'history: one point of 20, one day',
          figure: a.read,
          unit: 'ms',
          target: 400,
          limit: a.scan,
          better: 'less',
        },
        {
          name: 'history: 15-min means of that day',
          figure: a.windows,
          unit: 'ms',
          target: 400,
          limit: a.scan,
          better: 'less',
        },
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
