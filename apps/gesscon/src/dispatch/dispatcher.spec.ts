import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { Store } from '../store/store.js';
import { Alarms } from '../watch/alarms.js';
import { Dispatcher } from './dispatcher.js';

const POINT = 'battery/power/setpoint';

describe('an order to a box whose device is not there', () => {
  let folder: string;
  let clock: VirtualClock;
  let store: Store;
  let dispatcher: Dispatcher;
  let sent: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-dispatch-'));
    clock = new VirtualClock();
    store = new Store(`sqlite:${join(folder, 'g.db')}`, silentLog);
    await store.open();
    sent = [];
    const publish = (_to: object, body: object): Promise<void> => {
      sent.push((body as { id: string }).id);
      return Promise.resolve();
    };
    const boxes = { upSince: clock.now(), publish };
    dispatcher = new Dispatcher({ store, boxes, alarms: new Alarms(store, clock, silentLog), clock, log: silentLog });
  });

  afterEach(async () => {
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
});
