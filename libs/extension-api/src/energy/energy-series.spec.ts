import { silentLog, VirtualClock, type PointValue } from '@smx-edge/model';
import type { Device } from '../device.js';
import type { PointInit, SampleInit } from '../point.js';
import { EnergySeries, type EnergyBox, type EnergySeriesInit } from './energy-series.js';

const SECOND = 1000;
const INIT: EnergySeriesInit = {
  ...{ positive: 'energy/charged', negative: 'energy/discharged', period: '10s', keep: '1m', settle: '2m' },
};

/** A box whose state outlives its instances, as the store's does; `set` may be made to fail or to wait. */
class TestBox {
  readonly kept = new Map<string, string>();
  readonly shown: Record<string, PointValue> = {};
  readonly samples: SampleInit[] = [];
  readonly points: Record<string, PointInit> = {};
  write: () => Promise<void> = async () => undefined;
  private runs: (() => Promise<void>)[] = [];

  constructor(readonly clock = new VirtualClock()) {}

  /** A run of the instance; what ran before is gone, as after a kill. */
  open(init: EnergySeriesInit = INIT): Promise<EnergySeries> {
    this.runs = [];
    const device = {
      name: 'battery',
      point: (path: string, point: PointInit) => void (this.points[path] = point),
      set: (values: Record<string, PointValue>, sample: SampleInit = {}) => {
        Object.assign(this.shown, values);
        this.samples.push(sample);
      },
    } as unknown as Device;
    const box: EnergyBox = {
      state: {
        get: async <T>(key: string) => JSON.parse(this.kept.get(key) ?? 'null') as T,
        set: async (key, value) => {
          await this.write();
          this.kept.set(key, JSON.stringify(value));
        },
      },
      log: silentLog,
      every: (_interval, fn) => {
        this.runs.push(fn);
        return { dispose: () => undefined };
      },
      onStop: () => undefined,
    };
    return EnergySeries.open(box, device, { ...init, clock: this.clock });
  }

  /** Samples of one power each period for a time, kept each minute. */
  async live(series: EnergySeries, power: number | null, seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i += 10) {
      this.clock.advance(10 * SECOND);
      series.take(power);
      if ((i + 10) % 60 === 0) for (const run of this.runs) await run();
    }
  }
}

describe('an energy series', () => {
  let box: TestBox;
  beforeEach(() => (box = new TestBox()));

  it('is an integral where no counter comes: both directions, coverage and method beside them', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 120);
    expect(box.shown).toEqual({
      ...{ 'energy/charged': 120, 'energy/discharged': 0, 'energy/coverage': 100, 'energy/method': 'integral' },
    });
    expect(box.samples[0]).toMatchObject({ quality: 'substituted' });
    expect(box.points['energy/charged']).toMatchObject({ unit: 'Wh' });
  });

  it('shows nothing before counters were waited for, and counts from the first sample on', async () => {
    const series = await box.open({ ...INIT, settle: '5m' });
    series.take(3600);
    await box.live(series, 3600, 240);
    expect(box.shown).toEqual({});
    await box.live(series, 3600, 60);
    expect(box.shown['energy/charged']).toBe(300);
  });

  it('is the counter for good where one comes in time, also over a restart and where it is gone', async () => {
    const series = await box.open();
    await box.live(series, 3600, 60);
    expect(series.counters({ positive: 5000, negative: 0 })).toBe(true);
    await series.keep();
    const again = await box.open();
    expect(again.counters({})).toBe(true);
    await box.live(again, 3600, 600);
    expect(box.shown).toEqual({
      ...{ 'energy/charged': 5000, 'energy/discharged': 0, 'energy/coverage': 100, 'energy/method': 'counter' },
    });
  });

  it('stays an integral where a counter comes behind one', async () => {
    const series = await box.open();
    await box.live(series, 3600, 130);
    expect(series.counters({ positive: 5_000_000 })).toBe(false);
    await box.live(series, 3600, 60);
    expect(box.shown).toMatchObject({ 'energy/charged': 180, 'energy/method': 'integral' });
    expect((await box.open()).counters({ positive: 5_000_000 })).toBe(false);
  });

  it('goes on behind a kill with what was kept and the sample it ended at', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 120);
    await box.live(series, 3600, 20);
    const again = await box.open();
    expect(box.shown['energy/charged']).toBe(120);
    // 30 s since the last sample that was kept, bridged once
    await box.live(again, 3600, 10);
    await again.keep();
    expect(box.shown).toMatchObject({ 'energy/charged': 150, 'energy/coverage': 100 });
  });

  it('counts a longer stop as missed, and nothing where the clock was set back meanwhile', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 120);
    box.clock.advance(360 * SECOND);
    const again = await box.open();
    again.take(3600);
    await again.keep();
    expect(box.shown).toMatchObject({ 'energy/charged': 120, 'energy/coverage': 25 });
    box.clock.setWall(box.clock.now() - 3600 * SECOND);
    const third = await box.open();
    third.take(3600);
    await box.live(third, 3600, 60);
    expect(box.shown['energy/charged']).toBe(180);
  });

  it('goes by time that passed, whatever the wall clock is set to', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 60);
    box.clock.setWall(box.clock.now() + 86_400 * SECOND);
    await box.live(series, 3600, 60);
    expect(box.shown).toMatchObject({ 'energy/charged': 120, 'energy/coverage': 100 });
  });

  it('takes no value for a gap and never for 0', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 60);
    await box.live(series, null, 20);
    await box.live(series, 3600, 40);
    await series.keep();
    expect(box.shown).toMatchObject({ 'energy/charged': 120, 'energy/coverage': 100 });
    await box.live(series, null, 60);
    expect(box.shown['energy/coverage']).toBeCloseTo(100 * (120 / 180), 9);
    series.take(NaN);
    await box.live(series, 3600, 60);
    expect(box.shown['energy/charged']).toBe(170);
  });

  it('shows only what is kept', async () => {
    const series = await box.open();
    series.take(3600);
    await box.live(series, 3600, 120);
    box.write = () => Promise.reject(new Error('disk full'));
    await box.live(series, 3600, 120);
    expect(box.shown['energy/charged']).toBe(120);
    box.write = async () => undefined;
    await series.keep();
    expect(box.shown['energy/charged']).toBe(240);
  });

  it('never becomes an integral where a counter comes while one is being kept', async () => {
    const series = await box.open({ ...INIT, settle: 0 });
    series.take(3600);
    let go: () => void = () => undefined;
    box.write = () => new Promise((resolve) => (go = resolve));
    const keeping = series.keep();
    await new Promise((resolve) => setImmediate(resolve));
    expect(series.counters({ positive: 5000 })).toBe(true);
    box.write = async () => undefined;
    go();
    await keeping;
    await series.keep();
    expect(box.shown).toMatchObject({ 'energy/charged': 5000, 'energy/method': 'counter' });
    expect([...box.kept.values()]).toEqual(['{"version":1,"method":"counter"}']);
  });

  it.each([
    [{ positive: 'energy/active/import', negative: 'energy/active/export' }, 'energy/active'],
    [{ positive: 'energy/charged', negative: 'energy/discharged' }, 'energy'],
    [{ negative: 'energy/produced' }, 'energy'],
    [{ positive: 'energy/active/import/l1', beside: 'energy/active/l1' }, 'energy/active/l1'],
  ])('of %j has coverage and method in %s', async (paths, beside) => {
    await box.open({ ...paths, period: '10s' });
    expect(Object.keys(box.points).slice(-2)).toEqual([`${beside}/coverage`, `${beside}/method`]);
  });

  it('without a path is refused', async () =>
    expect(box.open({ period: '10s' })).rejects.toMatchObject({ code: 'SMX_POINT_DEFINITION' }));
});
