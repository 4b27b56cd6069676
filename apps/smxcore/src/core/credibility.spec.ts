import { LiveTable } from '@smx-edge/datastore';
import { BAD, GOOD, SampleBatch, VirtualClock, Zone, type HistoryRow, type HistorySource } from '@smx-edge/model';
import { Credibility } from './credibility.js';

const LOOK = 10_000;
const ROME = new Zone('Europe/Rome');
/** An hour before midnight in Rome. */
const LATE = Date.UTC(2026, 0, 15, 22);

describe('what came of what was to come', () => {
  const open = (start = LATE) => {
    const clock = new VirtualClock(start);
    const live = new LiveTable({ clock });
    const more = { unit: null, type: 'number', kind: 'measurement' } as const;
    const declare = (path: string, maxAge: number, instance = 'p1'): number =>
      live.declare({ path, device: path.split('/')[0]!, instance, maxAge, ...more });
    const put = (handle: number, quality = GOOD): void => {
      const batch = new SampleBatch();
      batch.clear(clock.now());
      const i = batch.add(handle);
      batch.number[i] = 1;
      batch.quality[i] = quality;
      live.ingest(batch);
    };
    const credibility = new Credibility({ live, zone: ROME });
    const look = (): number => credibility.look(clock.now());
    return { clock, declare, put, look, credibility };
  };

  it('owes nothing of the box itself, nor of points that need not speak', () => {
    const { declare, look } = open();
    declare('box/temperature', 30_000, 'core');
    declare('pcc/message', 0);
    expect(look()).toBeNaN();
  });

  it('counts what is stale, bad or never came against what was good', () => {
    const { clock, declare, put, look } = open();
    const [spoken, faulty] = [declare('pcc/power/active', 15_000), declare('pcc/voltage/l1', 15_000)];
    declare('pcc/voltage/l2', 15_000);
    put(spoken);
    put(faulty, BAD);
    // the others are not late yet
    expect(look()).toBe(100);
    put(faulty);
    clock.advance(LOOK);
    expect(look()).toBe(100);
    clock.advance(LOOK);
    // two are stale, one never came: 3 of 6
    expect(look()).toBe(50);
    put(spoken);
    put(faulty, BAD);
    clock.advance(LOOK);
    expect(look()).toBe(44.4);
  });

  it('begins anew at midnight of the site', () => {
    const { clock, declare, put, look } = open();
    const power = declare('pcc/power/active', 15_000);
    expect(look()).toBeNaN();
    clock.advance(3_600_000 - 1);
    expect(look()).toBe(0);
    put(power);
    clock.advance(1);
    expect(look()).toBe(100);
  });

  it('goes on after a restart with what history has of today, and owes the time between', async () => {
    const { clock, credibility, declare, put, look } = open();
    const power = declare('pcc/power/active', 15_000);
    const asked: unknown[] = [];
    const history: HistorySource = {
      async *history(query): AsyncGenerator<readonly HistoryRow[]> {
        asked.push(query);
        yield [[LATE - 400 * LOOK, null, 'bad']];
        yield [[LATE - 200 * LOOK, 80], [LATE - 100 * LOOK, 90]]; // prettier-ignore
      },
    };
    await credibility.resume(history, { handle: 7, now: clock.now() });
    expect(asked).toEqual([{ handle: 7, from: LATE - 23 * 3_600_000, to: LATE }]);
    put(power);
    // the time of 300 looks with 90 % until it stopped, of 100 without any
    expect(look()).toBe(67.5);
    for (let k = 0; k < 100; k++) {
      clock.advance(LOOK);
      put(power);
      look();
    }
    // and of 100 that were good, of as many points as there are now
    expect(look()).toBe(74);
  });

  it('stays a percentage where the clock is set back', async () => {
    const { clock, credibility, declare, put } = open();
    const power = declare('pcc/power/active', 15_000);
    const history: HistorySource = {
      async *history(): AsyncGenerator<readonly HistoryRow[]> {
        yield [[LATE - 100 * LOOK, 100], [LATE + 400 * LOOK, 100]]; // prettier-ignore
      },
    };
    await credibility.resume(history, { handle: 7, now: clock.now() });
    put(power);
    expect(credibility.look(LATE - 50 * LOOK)).toBe(100);
  });
});
