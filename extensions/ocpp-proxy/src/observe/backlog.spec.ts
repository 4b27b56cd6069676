import { until } from '../../test-support/index.js';
import { Backlog } from './backlog.js';

it('looks into frames in order, leaves out what is too much, and never that a connection ended', async () => {
  const errors: unknown[] = [];
  const backlog = new Backlog((error) => errors.push(error));
  const seen: number[] = [];
  const taken = Array.from({ length: 600 }, (_, i) => backlog.frame(10, () => seen.push(i)));
  expect(taken.filter(Boolean)).toHaveLength(512);
  expect(backlog.frame(5_000_000, () => {})).toBe(false);
  backlog.always(() => {
    seen.push(-1);
    throw new Error('of one');
  });
  expect(seen).toEqual([]);
  await until(() => seen.at(-1) === -1);
  expect(seen).toEqual([...Array.from({ length: 512 }, (_, i) => i), -1]);
  expect(errors).toHaveLength(1);
  expect(backlog.frame(10, () => {})).toBe(true);
});
