import { silentLog, SmxError } from '@smx-edge/model';
import type { Device, EventInit } from '../device.js';
import { EntryCount, type Entries } from './entry.js';
import { EventLog } from './event-log.js';
import { EventPace } from './event-pace.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 5, 15, 12);
const NAMES = { eventNames: {}, eventWarnings: [] };

/** A log of a meter, the box's memory, and what was told, over restarts. */
class Bench {
  now = NOW;
  entries: { t: number; number: number }[] = [];
  readonly told: [code: string, t: number | undefined][] = [];
  readonly asked: [from: number, to: number][] = [];
  readonly kept = new Map<string, unknown>();
  full = false;
  /** Entries that one answer holds. */
  most = Infinity;
  /** How far the meter's clock is behind, ms. */
  behind = 0;
  readonly pace = new EventPace();
  /** Resolves when the store takes something again. */
  busy = Promise.resolve();
  events = 0;
  private readonly store = new Set<string>();

  private readonly fetch = async (_session: object, from: number, to: number): Promise<Entries> => {
    this.asked.push([from, to]);
    this.now += 100;
    const count = new EntryCount();
    const found = this.entries.filter(({ t }) => t >= from && t <= to).slice(0, this.most);
    return { entries: found.map(({ t, number }) => count.number({ t, number, values: {} })), timeless: 0 };
  };

  log(from: number, key = 'log'): EventLog<object> {
    const event = async (code: string, init: EventInit): Promise<void> => {
      this.events++;
      await this.busy;
      if (this.full) throw new SmxError('SMX_STORE_FAILED', 'the disk is full');
      const key = JSON.stringify([code, init.t, init.data]);
      if (!this.store.has(key)) this.told.push([code, init.t]);
      this.store.add(key);
    };
    return new EventLog({
      ...{ name: '0-0:99.98.0', names: NAMES, key, from, every: 60_000, log: silentLog, fetch: this.fetch },
      device: { event } as unknown as Device,
      state: {
        get: async <T>(key: string) => this.kept.get(key) as T | undefined,
        set: async (key, kept) => {
          if (this.full) throw new SmxError('SMX_STORE_FULL', 'the disk is full');
          this.kept.set(key, kept);
        },
      },
      pace: this.pace,
      now: () => this.now,
      behind: () => this.behind,
    });
  }

  async run(log: EventLog<object>, steps = 200): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await log.step({}, 800);
      // what goes to the store goes beside
      await new Promise((resolve) => setImmediate(resolve));
      this.now += 1000;
    }
  }
}

describe('an event log', () => {
  it('is told from where it begins to the present, each entry once, in stretches, and then what is new', async () => {
    const bench = new Bench();
    bench.entries = Array.from({ length: 40 }, (_, i) => ({ t: NOW - (40 - i) * 50 * HOUR, number: i + 1 }));
    const log = bench.log(NOW - 92 * 24 * HOUR);
    await bench.run(log);
    expect(bench.told).toEqual(bench.entries.map(({ t, number }) => [`log.${number}`, t]));
    expect(bench.asked.length).toBeGreaterThan(5);
    // late, while the meter's clock stood some minutes back
    bench.entries.push({ t: bench.now - 1_000_000, number: 99 }, { t: bench.now, number: 98 });
    await bench.run(log);
    expect(bench.told.slice(40).map(([code]) => code)).toEqual(['log.99', 'log.98']);
  });

  it('is told to the last entry also where an answer holds fewer than were asked', async () => {
    const bench = new Bench();
    bench.entries = Array.from({ length: 40 }, (_, i) => ({ t: NOW - (40 - i) * 2 * HOUR, number: i + 1 }));
    bench.most = 3;
    const log = bench.log(NOW - 92 * 24 * HOUR);
    await bench.run(log, 2500);
    expect(bench.told).toEqual(bench.entries.map(({ t, number }) => [`log.${number}`, t]));
  });

  it('goes on after a cut at any moment: none is missing, none comes twice', async () => {
    const bench = new Bench();
    bench.entries = Array.from({ length: 30 }, (_, i) => ({ t: NOW - 30_000 - (i % 10) * 60_000, number: i + 1 }));
    for (let cut = 1; cut < 12; cut++) await bench.run(bench.log(NOW - 24 * HOUR), cut);
    await bench.run(bench.log(NOW - 24 * HOUR));
    expect(bench.told.length).toBe(30);
    expect(new Set(bench.told.map(([code]) => code)).size).toBe(30);
  });

  it('waits for a store that takes nothing', async () => {
    const bench = new Bench();
    bench.entries = [{ t: NOW - HOUR / 2, number: 1 }];
    bench.full = true;
    const log = bench.log(NOW - HOUR);
    await bench.run(log, 20);
    expect([bench.told, bench.kept.size]).toEqual([[], 0]);
    bench.full = false;
    await bench.run(log, 20);
    expect(bench.told).toEqual([['log.1', NOW - HOUR / 2]]);
  });

  it('hears of a full disk without a fault of the meter, also where there was nothing to tell', async () => {
    const bench = new Bench();
    bench.full = true;
    const log = bench.log(NOW - 92 * 24 * HOUR);
    await bench.run(log, 100);
    expect(bench.kept.size).toBe(0);
    bench.full = false;
    await bench.run(log, 100);
    expect(bench.kept.get('log')).toBeGreaterThan(NOW);
  });

  it('is told in full where the clock of the meter is slow, or set back meanwhile', async () => {
    const bench = new Bench();
    bench.behind = 5 * HOUR;
    const log = bench.log(NOW - 24 * HOUR);
    await bench.run(log);
    bench.entries.push({ t: bench.now - bench.behind, number: 1 });
    await bench.run(log);
    bench.behind = 40 * HOUR;
    bench.entries.unshift({ t: bench.now - bench.behind, number: 2 });
    await bench.run(log);
    expect(bench.asked.filter(([from, to]) => from >= to)).toEqual([]);
    // and over a restart
    bench.entries.push({ t: bench.now - bench.behind, number: 3 });
    await bench.run(bench.log(NOW));
    expect(bench.told.map(([code]) => code)).toEqual(['log.1', 'log.2', 'log.3']);
  });

  it('is asked for stretches that grow by twice at most, and does not wait for the store', async () => {
    const bench = new Bench();
    bench.entries = [{ t: NOW - 2000 * HOUR, number: 1 }];
    const log = bench.log(NOW - 92 * 24 * HOUR);
    await bench.run(log, 30);
    const hours = bench.asked.map(([from, to]) => (to - from) / HOUR - 1);
    expect(hours.length).toBeGreaterThan(5);
    hours.slice(1, -1).forEach((one, i) => expect(one).toBeLessThanOrEqual(2 * hours[i]!));
    let stored: () => void = () => undefined;
    bench.entries.push({ t: bench.now, number: 2 });
    bench.busy = new Promise((resolve) => (stored = resolve));
    await bench.run(log, 100);
    expect(bench.told.map(([code]) => code)).toEqual(['log.1']);
    stored();
    await bench.run(log, 1);
    expect(bench.told.map(([code]) => code)).toEqual(['log.1', 'log.2']);
  });

  it('leaves room for alarms: all logs of an instance together tell four entries each second', async () => {
    const bench = new Bench();
    bench.entries = Array.from({ length: 100 }, (_, i) => ({ t: NOW - i, number: i }));
    const logs = ['1', '2', '3'].map((key) => bench.log(NOW - HOUR, key));
    for (let i = 0; i < 40; i++) {
      const [before, began] = [bench.events, bench.now];
      for (const log of logs) await log.step({}, 800);
      await new Promise((resolve) => setImmediate(resolve));
      expect(bench.events - before).toBeLessThanOrEqual(4);
      bench.now = began + 1000;
    }
    expect(bench.events).toBeGreaterThan(100);
  });
});
