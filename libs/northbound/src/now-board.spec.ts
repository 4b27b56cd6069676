import fc from 'fast-check';
import { GOOD, qualityName, type PointValue, type Reading } from '@smx-edge/model';
import type { PartyPoint } from './doors.js';
import { NowBoard } from './now-board.js';

function point(handle: number, path: string): PartyPoint {
  return {
    handle,
    every: 0,
    as: 'last',
    definition: { path, device: 'd', instance: 'i', unit: null, type: 'number', kind: 'measurement', maxAge: 0 },
  };
}

const handles = (...list: number[]): [Int32Array, number] => [Int32Array.from(list), list.length];

describe('the `now` message', () => {
  it('holds every point, null where there is no value, and only what is not good under q', () => {
    const readings = new Map<number, Reading>([
      [3, { value: 1234, t: 1, received: 1, quality: 0 }],
      [9, { value: 231.5, t: 1, received: 1, quality: 2 }],
    ]);
    const board = new NowBoard((handle) => readings.get(handle));
    board.reset([point(3, 'pcc/power/active'), point(9, 'pcc/voltage/l2'), point(12, 'pcc/message')]);
    expect(board.payload(5).toString()).toBe(
      '{"t":5,"v":{"pcc/power/active":1234,"pcc/voltage/l2":231.5,"pcc/message":null},"q":{"pcc/voltage/l2":"stale"}}',
    );
    readings.set(9, { value: 232, t: 2, received: 2, quality: 0 });
    expect(board.mark(...handles(9))).toBe(true);
    expect(board.payload(6).toString()).toBe(
      '{"t":6,"v":{"pcc/power/active":1234,"pcc/voltage/l2":232,"pcc/message":null}}',
    );
  });

  it('is not touched by points that are not on it', () => {
    const board = new NowBoard(() => undefined);
    board.reset([point(3, 'a/b')]);
    expect(board.mark(...handles(0, 1, 2, 4, 4000))).toBe(false);
    expect(board.mark(new Int32Array([3, 3]), 0)).toBe(false);
  });

  it('writes no number that JSON has not: infinity and NaN are null', () => {
    const values: PointValue[] = [Infinity, NaN, -Infinity];
    const board = new NowBoard((handle) => ({ value: values[handle]!, t: 1, received: 1, quality: 0 }));
    board.reset(values.map((_, i) => point(i, `a/p${i}`)));
    expect(JSON.parse(board.payload(1).toString())).toEqual({ t: 1, v: { 'a/p0': null, 'a/p1': null, 'a/p2': null } });
  });

  it('says after any sequence of changes what a full serialisation says', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 3 }),
    );
    const change = fc.record({
      handle: fc.integer({ min: 0, max: 11 }),
      value,
      quality: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 12 }), (batches) => {
        const readings = new Map<number, Reading>();
        const board = new NowBoard((handle) => readings.get(handle));
        const points = [2, 3, 5, 7, 11].map((handle) => point(handle, `dev/p${handle}`));
        board.reset(points);
        for (const [t, batch] of batches.entries()) {
          for (const { handle, ...reading } of batch) readings.set(handle, { ...reading, t, received: t });
          board.mark(...handles(...batch.map(({ handle }) => handle)));
          const v: Record<string, unknown> = {};
          const q: Record<string, string> = {};
          for (const { handle, definition } of points) {
            const reading = readings.get(handle);
            v[definition.path] = reading?.value ?? null;
            if (reading !== undefined && reading.quality !== GOOD) q[definition.path] = qualityName(reading.quality);
          }
          const expected: unknown = JSON.parse(JSON.stringify(Object.keys(q).length > 0 ? { t, v, q } : { t, v }));
          expect(JSON.parse(board.payload(t).toString())).toEqual(expected);
        }
      }),
    );
  });
});
