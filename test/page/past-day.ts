import { Store } from '@smx-edge/datastore';
import { SampleBatch, silentLog, VirtualClock, Zone, type PointKind } from '@smx-edge/model';
import { House } from '@smx-edge/site-simulator';

const DAY = 86_400_000;
const SECOND = 1000;
/** Seconds after which the store is waited for. */
const FLUSH = 600;

interface Past {
  readonly unit: string;
  readonly kind: PointKind;
  readonly of: (house: House) => number;
}

/** What the page draws of the meter at the connection and those behind it. */
const POINTS: Readonly<Record<string, Past>> = {
  'pcc/power/active': { unit: 'W', kind: 'measurement', of: ({ meter }) => meter.power },
  'pcc/voltage/l1': { unit: 'V', kind: 'measurement', of: ({ grid }) => Math.round(grid.voltage[0]! * 10) / 10 },
  'pcc/energy/active/import': { unit: 'Wh', kind: 'counter', of: ({ meter }) => Math.floor(meter.wattHours('import')) },
  'pcc/energy/active/export': { unit: 'Wh', kind: 'counter', of: ({ meter }) => Math.floor(meter.wattHours('export')) },
  'gas/volume': { unit: 'm3', kind: 'counter', of: ({ gas }) => gas.litres / 1000 },
  'water/volume': { unit: 'm3', kind: 'counter', of: ({ water }) => water.litres / 1000 },
};

/**
 * Writes into the store of a data folder what a meter of the virtual house gave each `every` seconds of the day that ends
 * now. The house is the one that the demo runs, so its meter goes on where this ends.
 */
export async function writePastDay(dir: string, every = 1): Promise<void> {
  const end = Math.floor(Date.now() / SECOND) * SECOND;
  const clock = new VirtualClock(end - DAY);
  const zone = new Zone('Europe/Brussels');
  const store = await Store.open({ dir, clock, zone, log: silentLog, flush: 10_000, budget: 2 ** 31, raw: 7 * DAY });
  const houseAt = (start: number): House => new House({ start, timezone: zone.name });
  const [house, before, after] = [houseAt(end - DAY), houseAt(end - DAY), houseAt(end)];
  before.step(end);
  const columns = Object.entries(POINTS).map(([path, { unit, kind, of }]) => {
    const device = path.slice(0, path.indexOf('/'));
    const handle = store.live.declare({ path, device, instance: 'p1', unit, type: 'number', kind, maxAge: 0 });
    // the counters of a house begin anew each midnight
    return { handle, of, ahead: kind === 'counter' ? of(before) - of(after) : 0 };
  });
  const batch = new SampleBatch();
  for (let n = 0; n < DAY / SECOND; n += every) {
    house.step(clock.now());
    batch.clear(clock.now());
    for (const { handle, of, ahead } of columns) {
      const i = batch.add(handle);
      batch.number[i] = of(house) - ahead;
      batch.t[i] = clock.now();
    }
    store.live.ingest(batch);
    clock.advance(every * SECOND);
    if (n % FLUSH === 0) await store.flush();
  }
  await store.close();
}
