import { Rest } from './rest.js';

describe('a meter that does not answer', () => {
  it('is asked again after longer and longer pauses, at once after it was good', () => {
    const rest = new Rest();
    const pauses = Array.from({ length: 8 }, () => {
      rest.after('SMX_METER_SILENT', 0);
      return [2000, 4000, 8000, 16_000, 32_000, 60_000].find((ms) => rest.isOver(ms) && !rest.isOver(ms - 1));
    });
    expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    rest.good();
    expect(rest.isOver(0)).toBe(true);
    rest.after('SMX_METER_BUSY', 0);
    expect(rest.isOver(29_999)).toBe(false);
  });
});
