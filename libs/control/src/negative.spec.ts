import { negativeCells } from '../test-support/negative.js';

test('of all cells of principal, point, value, window and priority only the allowed ones come to the device', () => {
  const { denied, granted, wrong, executed } = negativeCells();
  expect(wrong).toEqual([]);
  expect(executed).toBe(0);
  expect(denied).toBeGreaterThan(10_000);
  expect(granted).toBe(18);
});
