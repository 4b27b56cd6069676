import type { Device, EventInit } from '@smx-edge/extension-api';
import { silentLog, SmxError, Zone } from '@smx-edge/model';
import { decodeDateTime, encodeDateTime, utcTime, type Data, type GetResult } from '@smx-edge/protocols/cosem';
import type { Capture, Column } from '../load-profile/capture.js';
import type { Attribute, Session } from '../objects/session.js';
import { profileOf } from '../profile/profiles.js';
import { entriesOf } from './entries.js';
import { eventOf } from './event-names.js';
import { EventLog } from './event-log.js';
import { EventPace } from './event-pace.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 5, 15, 12);
const zone = new Zone('Europe/Rome');
const name = (...octets: number[]): Uint8Array => Uint8Array.from(octets);
const CLOCK = { classId: 8, name: name(0, 0, 1, 0, 0, 255), attribute: 2 };
const NUMBER = { classId: 1, name: name(0, 0, 96, 11, 0, 255), attribute: 2 };
const TOTAL = { classId: 3, name: name(1, 0, 1, 8, 0, 255), attribute: 2 };
const value = (obis: string, scaler: number): Column => ({
  kind: 'value',
  scaler,
  column: { obis, unit: 'Wh', scaler },
});
const COLUMNS: readonly Column[] = [{ kind: 'clock' }, value('0-0:96.11.0', 0), value('1-0:1.8.0', 1)];
const CAPTURED = [CLOCK, NUMBER, TOTAL];
const entry = (t: number, number: number, total = 7): Data => ({
  type: 'structure',
  value: [
    { type: 'octet-string', value: encodeDateTime(t, { deviation: -120 }) },
    { type: 'unsigned', value: number },
    { type: 'double-long-unsigned', value: total },
  ],
});
const form = { captured: CAPTURED, columns: COLUMNS, zone, numbers: [] };

describe('entries of an event log', () => {
  it('have time, number and what else stands in the row; two that are the same are told apart', () => {
    const buffer: Data = { type: 'array', value: [entry(NOW, 1), entry(NOW, 2), entry(NOW, 2), entry(NOW, 2, 8)] };
    expect(entriesOf(buffer, form).entries).toEqual([
      { t: NOW, number: 1, values: { '1-0:1.8.0': '70' }, nth: 0 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '70' }, nth: 0 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '70' }, nth: 1 },
      { t: NOW, number: 2, values: { '1-0:1.8.0': '80' }, nth: 0 },
    ]);
  });

  it('have a number only where the standard or the family of meters says which column it is', () => {
    const column = { ...NUMBER, name: name(0, 0, 96, 240, 12, 255) };
    const captured = [CLOCK, column, TOTAL];
    const buffer: Data = { type: 'array', value: [entry(NOW, 23)] };
    const of = (numbers: readonly string[]): unknown => entriesOf(buffer, { ...form, captured, numbers }).entries[0];
    expect(of([])).toMatchObject({ number: undefined, values: { '0-0:96.240.12': '23' } });
    expect(of(profileOf('landis-gyr-zmd').eventNumbers)).toMatchObject({ number: 23, values: { '1-0:1.8.0': '70' } });
  });

  it('are of the same time as the row before where they say none, and left out where it is no time', () => {
    const row = (clock: Data, number: number): Data => ({ type: 'structure', value: [clock, { type: 'unsigned', value: number }, { type: 'null-data' }] }); // prettier-ignore
    const none: Data = { type: 'null-data' };
    const garbage = [8, 12].map((n): Data => ({ type: 'octet-string', value: new Uint8Array(n).fill(0xff) }));
    // without a deviation, so that the time of the row behind it follows by the zone as well
    const octets = encodeDateTime(NOW, { deviation: -120 });
    octets.set([0x80, 0], 9);
    const local: Data = { type: 'octet-string', value: octets };
    const value = [row(none, 1), entry(NOW, 2), row(none, 3), ...garbage.map((clock) => row(clock, 4)), row(none, 5), row(local, 6), row(none, 7)]; // prettier-ignore
    const { entries, timeless } = entriesOf({ type: 'array', value }, form);
    expect(entries.map(({ t, number }) => [t, number])).toEqual([2, 3, 6, 7].map((number) => [NOW, number]));
    expect(timeless).toBe(4);
  });

  it('that are none of their log are told by their bytes, with the time they show or that of the row before', () => {
    const short = (clock: Data): Data => ({ type: 'structure', value: [clock, { type: 'unsigned', value: 9 }] });
    const [clock] = (entry(NOW + 5000, 1) as Data & { type: 'structure' }).value;
    // what is to be as in a row that is none cannot be known
    const orphan: Data = { type: 'structure', value: [clock!, { type: 'null-data' }, { type: 'null-data' }] };
    const value = [short({ type: 'null-data' }), entry(NOW, 1), short(clock!), short({ type: 'null-data' }), orphan, entry(NOW, 2)]; // prettier-ignore
    const { entries, timeless } = entriesOf({ type: 'array', value }, form);
    expect(entries.map(({ t, number, bytes }) => [t - NOW, number, bytes?.slice(0, 4)])).toEqual([
      [0, 1, undefined],
      [5000, undefined, '0202'],
      [5000, undefined, '0202'],
      [5000, undefined, '0203'],
      [0, 2, undefined],
    ]);
    expect(timeless).toBe(1);
    const { code, event } = eventOf(entries[1]!, { ...profileOf('generic'), log: '0-0:99.98.0' });
    expect([code, event]).toMatchObject(['log.unreadable', { severity: 'warning', t: NOW + 5000, data: { bytes: entries[1]!.bytes } }]); // prettier-ignore
  });

  it('with values too long for an event are told without them, apart from others of the same time', () => {
    const long = (text: string): EventInit => eventOf({ t: 5, number: 1, values: { '0-0:96.1.0': text.repeat(20_000) }, nth: 0 }, { ...profileOf('generic'), log: '0-0:99.98.0' }).event; // prettier-ignore
    expect(long('a')).toMatchObject({ text: expect.stringContaining('left out') as string, data: { number: 1, values: null } }); // prettier-ignore
    expect(JSON.stringify(long('a').data).length).toBeLessThan(16 * 1024);
    expect(long('a').data).not.toEqual(long('b').data);
  });

  it('are named by the family of the meter, and keep their number where it has no name for it', () => {
    const zmd = { ...profileOf('landis-gyr-zmd'), log: '1-0:99.98.0' };
    const of = (number: number | undefined): unknown => eventOf({ t: 5, number, values: {}, nth: 0 }, zmd);
    expect(of(23)).toMatchObject({ code: 'log.power-down', event: { t: 5, severity: 'info', unique: true, data: { number: 23 } } }); // prettier-ignore
    expect(of(133)).toMatchObject({ code: 'log.terminal-cover-removed', event: { severity: 'warning' } });
    expect(of(9999)).toMatchObject({ code: 'log.9999', event: { severity: 'info', data: { number: 9999 } } });
    expect(of(undefined)).toMatchObject({ code: 'log.entry', event: { data: { number: null } } });
  });
});

/** A log of a meter, the box's memory, and what was told, over restarts. */
class Bench {
  now = NOW;
  entries: { t: number; number: number }[] = [];
  readonly told: [code: string, t: number | undefined][] = [];
  readonly asked: [from: number, to: number][] = [];
  readonly kept = new Map<string, unknown>();
  full = false;
  /** How far the meter's clock is behind, ms. */
  behind = 0;
  readonly pace = new EventPace();
  /** Resolves when the store takes something again. */
  busy = Promise.resolve();
  events = 0;
  private readonly store = new Set<string>();

  readonly session: Session = {
    read: async ([one]: readonly Attribute[]): Promise<GetResult[]> => {
      const selector = one!.selector!;
      if (selector.by !== 'range') throw new Error('not by range');
      const [from, to] = [selector.from, selector.to].map((data) => utcTime(decodeDateTime((data as { value: Uint8Array }).value)!)!); // prettier-ignore
      this.asked.push([from!, to!]);
      this.now += 100;
      const value = this.entries.filter(({ t }) => t >= from! && t <= to!).map(({ t, number }) => entry(t, number));
      return [{ data: { type: 'array', value } }];
    },
  };

  log(from: number, key = 'log'): EventLog {
    const object = { classId: 7, version: 1, obis: '0-0:99.98.0' };
    const clock = { classId: 8, version: 0, obis: '0-0:1.0.0' };
    const capture: Capture = { captured: CAPTURED, columns: COLUMNS, period: 0, clock };
    const event = async (code: string, init: EventInit): Promise<void> => {
      this.events++;
      await this.busy;
      if (this.full) throw new SmxError('SMX_STORE_FAILED', 'the disk is full');
      const key = JSON.stringify([code, init.t, init.data]);
      if (!this.store.has(key)) this.told.push([code, init.t]);
      this.store.add(key);
    };
    return new EventLog({
      ...{ object, capture, profile: profileOf('generic'), zone, key, from, every: 60_000, log: silentLog },
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

  async run(log: EventLog, steps = 200): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await log.step(this.session, 800);
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
      for (const log of logs) await log.step(bench.session, 800);
      await new Promise((resolve) => setImmediate(resolve));
      expect(bench.events - before).toBeLessThanOrEqual(4);
      bench.now = began + 1000;
    }
    expect(bench.events).toBeGreaterThan(100);
  });
});
