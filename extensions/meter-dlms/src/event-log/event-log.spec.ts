import type { Device, EventInit } from '@smx-edge/extension-api';
import { silentLog, SmxError, Zone } from '@smx-edge/model';
import { decodeDateTime, encodeDateTime, utcTime, type Data, type GetResult } from '@smx-edge/protocols/cosem';
import type { Capture, Column } from '../load-profile/capture.js';
import type { Attribute, Session } from '../objects/session.js';
import { profileOf } from '../profile/profiles.js';
import { entriesOf } from './entries.js';
import { eventOf } from './event-names.js';
import { EventLog } from './event-log.js';

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
    expect(entriesOf(buffer, form)).toEqual([
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
    const of = (numbers: readonly string[]): unknown => entriesOf(buffer, { ...form, captured, numbers })[0];
    expect(of([])).toMatchObject({ number: undefined, values: { '0-0:96.240.12': '23' } });
    expect(of(profileOf('landis-gyr-zmd').eventNumbers)).toMatchObject({ number: 23, values: { '1-0:1.8.0': '70' } });
  });

  it('without a time keep the whole buffer out', () => {
    const row: Data = { type: 'structure', value: [{ type: 'null-data' }, { type: 'unsigned', value: 1 }, { type: 'null-data' }] }; // prettier-ignore
    expect(() => entriesOf({ type: 'array', value: [row] }, form)).toThrow(expect.objectContaining({ code: 'SMX_PROTOCOL_APDU' })); // prettier-ignore
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

  log(from: number): EventLog {
    const object = { classId: 7, version: 1, obis: '0-0:99.98.0' };
    const clock = { classId: 8, version: 0, obis: '0-0:1.0.0' };
    const capture: Capture = { captured: CAPTURED, columns: COLUMNS, period: 0, clock };
    const event = async (code: string, init: EventInit): Promise<void> => {
      if (this.full) throw new SmxError('SMX_STORE_FAILED', 'the disk is full');
      const key = JSON.stringify([code, init.t, init.data]);
      if (!this.store.has(key)) this.told.push([code, init.t]);
      this.store.add(key);
    };
    return new EventLog({
      ...{ object, capture, profile: profileOf('generic'), zone, key: 'log', from, every: 60_000, log: silentLog },
      device: { event } as unknown as Device,
      state: {
        get: async <T>(key: string) => this.kept.get(key) as T | undefined,
        set: async (key, kept) => void this.kept.set(key, kept),
      },
      now: () => this.now,
    });
  }

  async run(log: EventLog, steps = 200): Promise<void> {
    for (let i = 0; i < steps; i++) {
      await log.step(this.session, 800);
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
});
