import { createRequire } from 'node:module';
import { join } from 'node:path';
import { VirtualClock, type RecordBatch } from '@smx-edge/model';
import { until } from '../../test-support/fixture.js';
import { LaneHouse } from '../../test-support/lane-house.js';
import { RecordFeed } from './record-feed.js';
import { eventKind } from './record-kinds.js';
import { Turns } from './turns.js';

/** The driver that the store uses. */
const Database = createRequire(require.resolve('@smx-edge/datastore'))('better-sqlite3') as new (path: string) => {
  exec(text: string): void;
  close(): void;
};

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 11);

describe('records that a grant delays', () => {
  const clock = new VirtualClock(START);
  let house: LaneHouse;
  let feed: RecordFeed<{ readonly id: number }>;
  let next = 1;

  const open = async (dir?: string): Promise<void> => {
    house = await LaneHouse.open({ clock, ...(dir === undefined ? {} : { dir }) });
    house.gate.putPrincipal({ name: 'slow', kind: 'link', role: 'slow', created: 0 });
    const { store, zone, log } = house;
    const laneHouse = { store, zone, log, clock, random: () => 0, onOpen: () => undefined, turns: new Turns() };
    const common = { principal: 'slow', view: house.gate.view('slow')!, kind: eventKind(store) };
    const onHead = (head: { next: number }): void => void (next = head.next);
    feed = new RecordFeed({ ...common, house: laneHouse, onHead });
    await feed.ready;
  };
  const close = async (): Promise<void> => {
    await feed.close();
    await house.stop();
  };
  beforeEach(() => open());
  afterEach(async () => {
    await feed.close();
    await house.remove();
  });

  const event = (path: string, text: string): Promise<unknown> =>
    house.store.addEvent({ t: clock.now(), path, code: 'TEST', severity: 'info', state: 'once', text });
  /** Goes on by so much, and lets what is due be cut. */
  const pass = async (ms: number, batches: number): Promise<void> => {
    clock.advance(ms);
    await until(() => next === batches + 1, `${batches} batches`);
  };
  /** Texts of the rows by batch. */
  const given = async (): Promise<string[][]> => {
    const made = await feed.read(1, next - 1);
    return made.map(({ message }) => {
      const { rows = [] } = JSON.parse(message(false)!.payload.toString()) as { rows?: { text: string }[] };
      return rows.map(({ text }) => text);
    });
  };
  const kept = (): Promise<RecordBatch[]> =>
    house.store.lane.readRecords({ principal: 'slow', stream: 'event' }, 1, 99);

  it('come once their time is there, and hold up nothing that nobody delays', async () => {
    await event('pcc', 'delayed');
    await event('battery', 'at once');
    await event('pv', 'not granted');
    await pass(200, 1);
    expect(await given()).toEqual([['at once']]);
    clock.advance(14 * MINUTE);
    await event('battery', 'later');
    await pass(200, 2);
    await pass(MINUTE, 3);
    expect(await given()).toEqual([['at once'], ['later'], ['delayed']]);
  });

  it('come in batches that a broker takes', async () => {
    for (let i = 0; i < 8; i++) {
      const data = { wave: 'x'.repeat(30_000) };
      const more = { severity: 'info', state: 'once', text: `${i}`, data } as const;
      await house.store.addEvent({ t: clock.now(), path: 'battery', code: 'TEST', ...more });
    }
    await pass(200, 4);
    expect(await given()).toEqual([['0', '1'], ['2', '3'], ['4', '5'], ['6', '7']]); // prettier-ignore
  });

  it('are a gap between their neighbours where nothing is kept of their batch', async () => {
    for (let i = 1; i <= 3; i++) {
      await event('battery', `${i}`);
      await pass(MINUTE, i);
    }
    const { dir } = house;
    await close();
    const db = new Database(join(dir, 'store.db'));
    db.exec('DELETE FROM lane_records WHERE seq = 2');
    db.close();
    await open(dir);
    const cuts = (await kept()).map(({ cut }) => cut);
    const gap = (await feed.read(2, 1))[0]!.message(false)!.payload.toString();
    expect(JSON.parse(gap)).toMatchObject({ s: 2, gap: cuts, why: 'quota' });
    expect(cuts[1]! - cuts[0]!).toBe(2 * MINUTE);
  });

  it('come once over a restart, whatever came before them', async () => {
    for (let i = 0; i < 3; i++) {
      await event('pcc', `delayed ${i}`);
      await event('battery', `at once ${i}`);
    }
    await pass(200, 1);
    const { dir } = house;
    await close();
    await open(dir);
    expect(next).toBe(2);
    await event('battery', 'after');
    await pass(200, 2);
    await pass(15 * MINUTE, 3);
    await close();
    await open(dir);
    await pass(15 * MINUTE, 3);
    expect(await given()).toEqual([
      ['at once 0', 'at once 1', 'at once 2'],
      ['after'],
      ['delayed 0', 'delayed 1', 'delayed 2'],
    ]);
    const ids = (await kept()).flatMap((batch) => batch.ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
