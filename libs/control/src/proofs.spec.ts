import { LiveTable } from '@smx-edge/datastore';
import { GOOD, SampleBatch, STALE, UNCERTAIN, VirtualClock, type PointValue } from '@smx-edge/model';
import { Proofs } from './proofs.js';

const SETPOINT = 'ev1/current/limit';
const PROOF = 'ev1/current/limit/in-force';

it('take what a point shows for a proof only where its device is sure of it', () => {
  const clock = new VirtualClock();
  const live = new LiveTable({ clock });
  const base = { instance: 'ev', device: 'ev1', unit: 'A', type: 'number', maxAge: 60_000 } as const;
  live.declare({ ...base, path: SETPOINT, kind: 'setpoint', setpoint: { verify: PROOF } });
  const handle = live.declare({ ...base, path: PROOF, kind: 'measurement' });
  const seen: PointValue[] = [];
  const proofs = new Proofs(live, (_, measured) => seen.push(measured));
  const shown = [[10, GOOD], [8, UNCERTAIN], [9, STALE], [7, GOOD]].map(([value, quality]) => {
    const batch = new SampleBatch();
    batch.clear(clock.now());
    const i = batch.add(handle);
    batch.number[i] = value!;
    batch.t[i] = clock.now();
    batch.quality[i] = quality!;
    live.ingest(batch);
    return proofs.reading(SETPOINT);
  }); // prettier-ignore
  expect(shown).toEqual([10, null, null, 7]);
  expect(seen).toEqual([10, 7]);
  proofs.close();
  live.close();
});
