import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import { Blend, type Way } from './blend.js';

const point = (path: string, value: number | null): SunSpecPoint => ({ path, unit: 'W', value, quality: value === null ? 'bad' : 'good' }); // prettier-ignore

describe('two ways to one device', () => {
  let blend: Blend;
  beforeEach(() => (blend = new Blend()));

  const take = (way: Way, now: number, values: Record<string, number | null>): Record<string, unknown> => {
    const points = Object.entries(values).map(([path, value]) => point(path, value));
    return Object.fromEntries(blend.take(way, points, { now, maxAge: way === 'modbus' ? 10 : 30 }).map(({ path, value }) => [path, value])); // prettier-ignore
  };

  it('give each point by the better one, and by the other what that lacks', () => {
    expect(take('api', 0, { power: 1, soc: 50 })).toEqual({ power: 1, soc: 50 });
    expect(take('modbus', 1, { power: 2, energy: null })).toEqual({ power: 2, energy: null });
    expect(take('api', 2, { power: 3, soc: 51, energy: 7 })).toEqual({ soc: 51, energy: 7 });
    // what the better one lacks does not hide what there is
    expect(take('modbus', 3, { power: 4, energy: null })).toEqual({ power: 4 });
  });

  it('take over from each other when one goes quiet, and give back when it returns', () => {
    take('modbus', 0, { power: 1 });
    expect(take('api', 10, { power: 2 })).toEqual({});
    expect(take('api', 11, { power: 3 })).toEqual({ power: 3 });
    expect(take('modbus', 12, { power: 4 })).toEqual({ power: 4 });
    expect(take('api', 13, { power: 5 })).toEqual({});
  });

  it('show that there is no value where neither has one', () => {
    take('modbus', 0, { power: 1 });
    expect(take('modbus', 1, { power: null })).toEqual({ power: null });
    expect(take('api', 2, { power: null })).toEqual({ power: null });
    expect(blend.isAlive('modbus', 2)).toBe(false);
  });

  it('do not hide a good value behind an uncertain one', () => {
    const moment = { now: 0, maxAge: 10 };
    const uncertain: SunSpecPoint = { ...point('power', 9), quality: 'uncertain' };
    expect(blend.take('modbus', [uncertain], moment)).toHaveLength(1);
    expect(blend.take('api', [point('power', 8)], moment)).toHaveLength(1);
    expect(blend.take('modbus', [uncertain], moment)).toHaveLength(0);
  });

  it('are alive while their last value counts', () => {
    take('api', 0, { power: 1 });
    expect([blend.isAlive('api', 30), blend.isAlive('api', 31), blend.isAlive('modbus', 0)]).toEqual([true, false, false]); // prettier-ignore
  });
});
