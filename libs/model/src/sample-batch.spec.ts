import { GOOD } from './quality.js';
import { SampleBatch } from './sample-batch.js';

it('grows without losing what it holds and starts a sample as null', () => {
  const batch = new SampleBatch(2);
  batch.clear(1000);
  for (let i = 0; i < 100; i++) batch.number[batch.add(i)] = i / 2;
  const last = batch.add(7);
  expect(batch.n).toBe(101);
  expect([batch.handle[99], batch.number[99], batch.t[99], batch.quality[99]]).toEqual([99, 49.5, 1000, GOOD]);
  expect(batch.number[last]).toBeNaN();
  batch.other.set(3, 'text');
  batch.clear(2000);
  expect([batch.n, batch.other.size]).toEqual([0, 0]);
});
