import type { EventInit } from '@smx-edge/extension-api';
import { BackFill } from '@smx-edge/extension-api/metering';
import { silentLog, SmxError, Zone, type ProfileRow } from '@smx-edge/model';
import { decodeDateTime, encodeDateTime, utcTime, type Data } from '@smx-edge/protocols/cosem';
import type { Attribute, Session } from '../objects/session.js';
import type { Capture } from './capture.js';
import { rowFetch } from './fetch.js';

const PERIOD = 900_000;
const START = Date.UTC(2026, 5, 15);
const NAME = Uint8Array.of(1, 0, 1, 8, 0, 255);
const CLOCK = { classId: 8, version: 0, obis: '0-0:1.0.0' };
const capture: Capture = {
  captured: [8, 3].map((classId) => ({ classId, name: NAME, attribute: 2 })),
  columns: [{ kind: 'clock' }, { kind: 'value', scaler: 0, column: { obis: '1-0:1.8.0', unit: 'Wh' } }],
  period: PERIOD,
  clock: CLOCK,
};

const end = (i: number): number => START + i * PERIOD;
const row = (i: number): Data => ({
  type: 'structure',
  value: [
    { type: 'octet-string', value: encodeDateTime(end(i), { deviation: 0 }) },
    { type: 'double-long-unsigned', value: i },
  ],
});
/** A row with a column less than the profile has. */
const short = (i: number): Data => ({ type: 'structure', value: (row(i) as Data & { type: 'structure' }).value.slice(0, 1) }); // prettier-ignore

/** A meter with rows, and the store. */
class Bench {
  now = end(200);
  readonly kept: ProfileRow[] = [];
  readonly events: EventInit[] = [];
  full = false;
  reads = 0;
  /** Rows that one answer holds. */
  most = Infinity;

  /** `undefined`: a row that the meter does not have. */
  constructor(private readonly rows: readonly (Data | undefined)[]) {}

  readonly session: Session = {
    read: async ([one]: readonly Attribute[]) => {
      const selector = one!.selector!;
      if (selector.by !== 'range') throw new Error('not by range');
      const [from, to] = [selector.from, selector.to].map((data) => utcTime(decodeDateTime((data as { value: Uint8Array }).value)!)!); // prettier-ignore
      this.now += 100;
      this.reads++;
      const asked = this.rows.filter((_, i) => end(i + 1) >= from! && end(i + 1) <= to!);
      const value = asked.flatMap((one) => one ?? []).slice(0, this.most);
      return [{ data: { type: 'array', value } }];
    },
  };

  async run(steps: number): Promise<void> {
    const take = async (run: () => void): Promise<void> => {
      if (this.full) throw new SmxError('SMX_STORE_FULL', 'the disk is full');
      run();
    };
    const fill = new BackFill({
      fetch: rowFetch({ object: { classId: 7, version: 1, obis: '1-0:99.1.0' }, capture, zone: new Zone('UTC'), stamp: 'end' }), // prettier-ignore
      ...{ name: '1-0:99.1.0', period: PERIOD, from: START, log: silentLog, now: () => this.now },
      device: {
        event: (_code: string, init: EventInit) => take(() => void this.events.push(init)),
      },
      profile: {
        last: async () => this.kept.at(-1)?.[0],
        append: (rows: readonly ProfileRow[]) => take(() => void this.kept.push(...rows)),
      },
    });
    for (let i = 0; i < steps; i++) {
      await fill.step(this.session, 800).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      this.now += 1000;
    }
  }

  get ends(): number[] {
    return this.kept.map(([t]) => t);
  }
}

const all = (count: number): Data[] => Array.from({ length: count }, (_, i) => row(i + 1));

describe('a load profile', () => {
  it('with a row of other columns than it says is brought over but for that row, whose bytes are told', async () => {
    const rows = all(120);
    rows[60] = short(61);
    const bench = new Bench(rows);
    await bench.run(120);
    expect(bench.ends).toEqual(rows.map((_, i) => end(i + 1)).filter((t) => t !== end(61)));
    expect(bench.events).toMatchObject([{ severity: 'warning', t: end(61), unique: true }]);
    expect(bench.events[0]!.data).toEqual({ profile: '1-0:99.1.0', bytes: expect.stringMatching(/^01010201090c07ea/) as string }); // prettier-ignore
  });

  it('keeps such a row in mind until it could be told', async () => {
    const bench = new Bench([row(1), short(2), row(3)]);
    bench.full = true;
    await bench.run(20);
    expect([bench.ends, bench.events]).toEqual([[], []]);
    bench.full = false;
    await bench.run(20);
    expect(bench.ends).toEqual([end(1), end(3)]);
    expect(bench.events).toHaveLength(1);
  });

  it('of which no row is as it says is left for a while, and not passed as a whole', async () => {
    const bench = new Bench(all(120).map((_, i) => short(i + 1)));
    await bench.run(300);
    expect(bench.events).toHaveLength(3);
    expect(bench.kept).toEqual([]);
  });

  it('is brought over to the last row also where an answer holds fewer than were asked, gaps in it or not', async () => {
    const rows = all(120);
    const isGap = (i: number): boolean => i > 40 && i < 80;
    const bench = new Bench(rows.map((one, i) => (isGap(i) ? undefined : one)));
    bench.most = 3;
    await bench.run(150);
    expect(bench.ends).toEqual(rows.map((_, i) => end(i + 1)).filter((_, i) => !isGap(i)));
    expect(bench.reads).toBeLessThan(60);
  });
});
