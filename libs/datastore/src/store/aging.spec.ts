import { SampleBatch, silentLog, VirtualClock, Zone } from '@smx-edge/model';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from './store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BEGUN = Date.UTC(2026, 10, 27);

/** Between two samples, ms. */
const STEP = 5 * MINUTE;

/** A store that takes a value each step, the number of the step, and keeps it for two hours. */
class Box {
  readonly clock: VirtualClock;
  private readonly dir = mkdtempSync(join(tmpdir(), 'smx-aging-'));
  private store: Store | undefined;
  private handle = 0;
  private count = 0;

  constructor(wall: number) {
    this.clock = new VirtualClock(wall);
  }

  async open(): Promise<void> {
    this.store = await Store.open({
      ...{ dir: this.dir, clock: this.clock, zone: new Zone('UTC'), log: silentLog },
      ...{ flush: 10_000, budget: 2 ** 30, raw: 2 * HOUR },
    });
    const definition = { device: 'pcc', instance: 'p1', unit: null, type: 'number', kind: 'measurement' } as const;
    this.handle = this.store.live.declare({ path: 'pcc/count', maxAge: 0, ...definition });
  }

  async run(ms: number): Promise<void> {
    const store = this.store!;
    const batch = new SampleBatch();
    for (const end = this.clock.monotonic() + ms; this.clock.monotonic() < end;) {
      batch.clear(this.clock.now());
      batch.number[batch.add(this.handle)] = this.count++;
      store.live.ingest(batch);
      this.clock.advance(STEP);
      await store.settled();
    }
  }

  async restart(): Promise<void> {
    await this.store!.close();
    await this.open();
  }

  /** Numbers that are gone. */
  async missing(): Promise<number[]> {
    const found = new Set<unknown>();
    for await (const chunk of this.store!.history({ handle: this.handle, from: 0, to: 9e12 }))
      for (const [, value] of chunk) found.add(value);
    return Array.from({ length: this.count }, (_, i) => i).filter((i) => !found.has(i));
  }

  async remove(): Promise<void> {
    await this.store!.close();
    rmSync(this.dir, { recursive: true });
  }
}

let box: Box;
afterEach(() => box.remove());

describe('samples that are kept for a time', () => {
  it('outlive a clock that is far ahead for a while, also over a restart', async () => {
    box = new Box(BEGUN);
    await box.open();
    await box.run(1.2 * HOUR);
    for (const restarts of [false, true]) {
      box.clock.setWall(box.clock.now() + 100 * DAY);
      if (restarts) await box.restart();
      await box.run(50 * MINUTE);
      box.clock.setWall(box.clock.now() - 100 * DAY);
      await box.run(STEP);
    }
    expect(await box.missing()).toEqual([]);
  });

  it('go in their time behind some of a clock that was far ahead for long', async () => {
    box = new Box(BEGUN);
    await box.open();
    await box.run(1.2 * HOUR);
    box.clock.setWall(box.clock.now() + 3000 * DAY);
    await box.run(50 * MINUTE);
    box.clock.setWall(box.clock.now() - 3000 * DAY);
    await box.run(6 * HOUR);
    // one that was received after the clock was set back
    expect(await box.missing()).toContain(30);
  });

  it('go where the clock stays as it was set', async () => {
    box = new Box(BEGUN);
    await box.open();
    await box.run(1.2 * HOUR);
    box.clock.setWall(box.clock.now() + 100 * DAY);
    await box.run(100 * MINUTE);
    expect(await box.missing()).toContain(0);
  });

  it('are as old as what came next where the clock was not set yet', async () => {
    box = new Box(1_000_000);
    await box.open();
    await box.run(1.2 * HOUR);
    box.clock.setWall(BEGUN);
    await box.run(1.5 * HOUR);
    expect(await box.missing()).toEqual([]);
    await box.run(HOUR);
    expect(await box.missing()).toContain(0);
  });
});
