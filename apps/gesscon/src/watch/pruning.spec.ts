import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { Store } from '../store/store.js';
import { RECORD } from '../store/tables.js';
import { Alarms } from './alarms.js';
import { Pruning } from './pruning.js';
import { Watch } from './watch.js';

const DAY = 86_400_000;
const ROWS = 9000;

describe('the pace at which old data goes', () => {
  let folder: string;
  let clock: VirtualClock;
  let store: Store;
  let watch: Watch;
  let pruning: Pruning;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smx-pruning-'));
    clock = new VirtualClock();
    store = new Store(`sqlite:${join(folder, 'g.db')}`, silentLog);
    await store.open();
    const boxes = { upSince: clock.now(), publish: () => Promise.resolve() };
    const alarms = new Alarms(store, clock, silentLog);
    const dispatcher = new Dispatcher({ store, boxes, alarms, clock, log: silentLog });
    const recall = { ask: () => Promise.resolve() };
    watch = new Watch({ store, alarms, boxes, dispatcher, recall, clock, log: silentLog, silence: 45_000 });
    pruning = new Pruning({ retention: store.retention, watch, clock, log: silentLog, keep: DAY });
    await fill();
    clock.advance(2 * DAY);
  });

  afterEach(async () => {
    await pruning.stop();
    await store.db.close();
    rmSync(folder, { recursive: true });
  });

  /** Records of now, one ms apart. */
  const fill = async (): Promise<void> => {
    const column = (get: (i: number) => number | string): (number | string)[] =>
      Array.from({ length: ROWS }, (_, i) => get(i));
    const name = [column(() => 1), column(() => 1), column(() => 'event'), column((i) => i)];
    await store.db.insert(RECORD, [...name, column((i) => clock.now() + i), column(() => '{}')]);
  };

  /** Lets time pass, with a look each 5 s, after each of which what goes on comes to its end. Gives how many are left. */
  const passed = async (ms: number): Promise<number> => {
    for (let past = 0; past < ms; past += 5000) {
      clock.advance(5000);
      await pruning.idle();
      await watch.look();
    }
    return left();
  };

  const left = async (): Promise<number> => (await store.db.rows('select seq from record')).length;

  it('is a slice at a time with pauses, beside the look after silence, and then a day of rest', async () => {
    pruning.start();
    await watch.look();
    clock.advance(250);
    await pruning.idle();
    expect(await left()).toBe(ROWS - 2000);
    // no time passes: the next slice waits, a look does not
    await watch.look();
    expect(await left()).toBe(ROWS - 2000);
    expect(await passed(120_000)).toBe(0);
    await fill();
    clock.advance(DAY - 300_000);
    expect(await passed(240_000)).toBe(ROWS);
    clock.advance(DAY);
    expect(await passed(120_000)).toBe(0);
  });

  it('is that of the worker that keeps watch; another does nothing', async () => {
    pruning.start();
    for (let i = 0; i < 10; i++) clock.advance(60_000);
    await pruning.stop();
    expect(await left()).toBe(ROWS);
  });

  it('is tried again ten minutes after a fault', async () => {
    await store.db.rows('alter table record rename to away');
    await watch.look();
    pruning.start();
    clock.advance(250);
    await pruning.idle();
    await store.db.rows('alter table away rename to record');
    expect(await passed(120_000)).toBe(ROWS);
    clock.advance(480_000);
    expect(await passed(120_000)).toBe(0);
  });
});
