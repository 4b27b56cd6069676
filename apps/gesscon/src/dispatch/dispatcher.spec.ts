import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { until } from '../../test-support/box.js';
import { postgresPrograms, startPostgres, type Postgres } from '../../test-support/postgres.js';
import { Store } from '../store/store.js';
import { Alarms } from '../watch/alarms.js';
import { Dispatcher } from './dispatcher.js';

const POINT = 'battery/power/setpoint';

const databases = ['sqlite', ...(postgresPrograms() === undefined ? [] : ['postgres'])];

describe.each(databases)('orders on %s', (kind) => {
  let folder: string;
  let clock: VirtualClock;
  let store: Store;
  let dispatcher: Dispatcher;
  let sent: string[];

  let postgres: Postgres | undefined;

  beforeAll(async () => {
    if (kind === 'postgres') postgres = await startPostgres();
  });

  afterAll(() => postgres?.remove());

  const worker = (): Dispatcher => {
    const publish = (_to: object, body: object): Promise<void> => {
      sent.push((body as { id: string }).id);
      return Promise.resolve();
    };
    const boxes = { upSince: clock.now(), publish };
    return new Dispatcher({ store, boxes, alarms: new Alarms(store, clock, silentLog), clock, log: silentLog });
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-dispatch-'));
    clock = new VirtualClock();
    store = new Store(postgres?.url ?? `sqlite:${join(folder, 'g.db')}`, silentLog);
    await store.open();
    sent = [];
    dispatcher = worker();
  });

  afterEach(async () => {
    await dispatcher.stop();
    if (postgres !== undefined) await store.db.rows('truncate site, command, command_stage, catalogue, offer');
    await store.db.close();
    rmSync(folder, { recursive: true });
  });

  const state = async (
    s: 'online' | 'closing',
    how: { readonly boot?: number; readonly cat?: string } = {},
  ): Promise<void> => {
    const { boot = 1, cat = 'whole' } = how;
    await store.sites.putState('house', { s, since: clock.now(), boot, epoch: 1, head: {}, cat }, clock.now());
    if (s === 'online') await dispatcher.woke('house');
  };

  /** The catalogue of a box that knows the battery, which is not there, off line or on line. */
  const cat = async (hash: string, online?: boolean): Promise<void> => {
    const point = { id: 3, path: POINT, unit: 'W', type: 'number', every: 0, as: 'last', write: { lease: 900_000 } };
    const devices = online === undefined ? [] : [{ name: 'battery', online }];
    await store.sites.putCatalogue('house', { hash, points: [point], devices }, clock.now());
    await dispatcher.send();
  };

  const order = async (id: string, lease = 3_600_000): Promise<string | null> => {
    const ask = { id, kind: 'command' as const, point: POINT, body: { value: 1 }, hb: undefined };
    return (await dispatcher.order('house', { ...ask, until: clock.now() + lease })).waits;
  };
  const waits = async (id: string): Promise<string | null> => (await dispatcher.find('house', id)).waits;

  it('waits for link, catalogue and device, and says for which', async () => {
    await state('closing');
    expect(await order('a')).toBe('the box is not on line');
    await state('online', { cat: 'start' });
    expect(await waits('a')).toBe('the catalogue of the box has not come yet');
    await cat('start');
    expect(await waits('a')).toMatch(/does not offer the point/);
    await state('online');
    await cat('whole', false);
    expect(await waits('a')).toBe('the device is not on line at the box');
    expect(sent).toEqual([]);
    await cat('whole', true);
    expect([sent, await waits('a')]).toEqual([['a'], null]);
  });

  it('waits again after each start of the box, also where its last words were not heard', async () => {
    await state('online');
    await cat('whole', true);
    clock.advance(60_000);
    await state('online', { boot: 2 });
    expect(await order('a')).toBe('the device is not on line at the box');
    await cat('whole', true);
    expect(sent).toEqual(['a']);
  });

  it('goes out a minute after the last word of the box where the device stays off line: the box decides', async () => {
    await state('online');
    await cat('whole', false);
    await order('a');
    clock.advance(59_000);
    await dispatcher.send();
    expect(sent).toEqual([]);
    clock.advance(1000);
    await dispatcher.send();
    expect(sent).toEqual(['a']);
  });

  it('expires at its end, with the reason, and is cancelled without the box; one that went out is asked after', async () => {
    await state('online');
    await cat('whole', true);
    await order('gone', 10_000);
    await state('online', { cat: 'start' });
    await cat('start');
    await order('late', 10_000);
    await order('undone');
    await dispatcher.cancel('house', 'undone');
    expect(await dispatcher.find('house', 'undone')).toMatchObject({ outcome: 'expired', sent: 0 });
    clock.advance(10_000);
    await dispatcher.send();
    const { outcome, stages } = await dispatcher.find('house', 'late');
    expect([outcome, stages[0]?.reason]).toEqual([
      'expired',
      expect.stringMatching(/never left: the box does not offer/),
    ]);
    expect(sent).toEqual(['gone', 'gone']);
  });

  it('in force are asked after when a worker hears of their box again: their end may have passed it by', async () => {
    await state('online');
    await cat('whole', true);
    await order('a');
    const say = (what: object): Promise<void> =>
      dispatcher.heard('house', { id: 'a', t: clock.now(), ...what } as never);
    await say({ state: 'verified' });
    clock.advance(120_000);
    await dispatcher.send();
    expect(sent).toEqual(['a']);
    await state('online');
    expect(sent).toEqual(['a', 'a']);
    await say({ state: 'ended' });
    await state('online');
    clock.advance(4_000_000);
    await dispatcher.send();
    // long after its end the box knows of it no more
    await say({ state: 'refused', code: 'SMX_COMMAND_STALE' });
    expect(sent).toEqual(['a', 'a']);
    const { state: end, outcome, stages } = await dispatcher.find('house', 'a');
    expect([end, outcome, stages.map((stage) => stage.state)]).toEqual(['ended', 'verified', ['verified', 'ended']]);
  });

  it('go to a box at its pace, also from two workers: five, then one a second, what ends one before what begins one', async () => {
    const other = worker();
    await state('online');
    await cat('whole', true);
    const ids = Array.from({ length: 12 }, (_, i) => `o${String(i).padStart(2, '0')}`);
    for (const [i, id] of ids.entries()) {
      clock.advance(1);
      const ask = { id, kind: 'command' as const, point: POINT, body: { value: 1 }, hb: undefined };
      await (i % 2 === 0 ? dispatcher : other).order('house', { ...ask, until: clock.now() + 3_600_000 });
    }
    expect(sent).toEqual(ids.slice(0, 5));
    expect(await waits('o07')).toBe('others to the box go first, one a second');
    for (const id of ids.slice(0, 5)) await dispatcher.heard('house', { id, state: 'verified', t: clock.now() });
    await dispatcher.stop();
    await other.stop();
    for (let second = 1; second <= 3; second++) {
      clock.advance(1000);
      await Promise.all([dispatcher.send(), other.send()]);
      await Promise.all([dispatcher.stop(), other.stop()]);
      expect(sent).toEqual(ids.slice(0, 5 + second));
    }
    clock.advance(1000);
    await dispatcher.cancel('house', 'o00');
    expect(sent.slice(8)).toEqual(['o00']);
    await dispatcher.stop();
    clock.advance(3000);
    await other.send();
    expect(sent.slice(9)).toEqual(ids.slice(8, 11));
    // a clock that was set back holds nothing back
    clock.setWall(clock.now() - 3_600_000);
    await order('later');
    expect(sent.at(-1)).toBe('later');
    await other.stop();
  });

  it('that wait for their turn go out without a look of the watch, before those that were not answered', async () => {
    await state('online');
    await cat('whole', true);
    for (let i = 0; i < 7; i++) await order(`o${i}`);
    expect(sent).toHaveLength(5);
    await until(() => {
      clock.advance(1000);
      return sent.length > 7;
    }, 'the rest');
    expect(sent.slice(5)).toEqual(expect.arrayContaining(['o5', 'o6']));
  });
});
