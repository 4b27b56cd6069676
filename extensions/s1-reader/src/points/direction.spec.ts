import { Direction, type DirectionMemory } from './direction.js';

/** Says so many seconds of both readers; how often the memory changed. */
function seconds(direction: Direction, pairs: readonly (readonly [own: number, other: number])[]): number {
  return pairs.filter(([own, other], k) => {
    direction.hear(other, k * 1000);
    return direction.compare(own, k * 1000 + 400);
  }).length;
}
const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

describe('the way in which current is counted', () => {
  it.each([
    [times(10, [800, 810] as const), false],
    [times(10, [-800, 810] as const), true],
    [times(10, [3000, -2900] as const), true],
  ])('is known after ten values that agree', (pairs, inverted) => {
    const memory: DirectionMemory = {};
    const direction = new Direction(memory, undefined);
    expect(seconds(direction, pairs.slice(1))).toBe(0);
    expect(direction.isInverted).toBeUndefined();
    expect(seconds(direction, pairs.slice(0, 1))).toBe(1);
    expect(direction.isInverted).toBe(inverted);
    expect(memory).toEqual({ inverted });
  });

  it('is not told by values that are small, old, of another size or that contradict one another', () => {
    const direction = new Direction({}, undefined);
    expect(seconds(direction, times(30, [100, 100]))).toBe(0);
    expect(seconds(direction, times(30, [-2000, 500]))).toBe(0);
    expect(seconds(direction, times(30, [[800, 800], [-800, 800]] as const).flat())).toBe(0); // prettier-ignore
    direction.hear(800, 0);
    for (let k = 0; k < 20; k++) expect(direction.compare(800, 5000 + k)).toBe(false);
    // one value of the other reader is one comparison
    direction.hear(800, 6000);
    for (let k = 0; k < 20; k++) expect(direction.compare(800, 6000 + k)).toBe(false);
    expect(direction.isInverted).toBeUndefined();
  });

  it('turns where the meter is another one, and never where the operator said it', () => {
    const memory: DirectionMemory = { inverted: true };
    // turned already, and yet against the other reader
    expect(seconds(new Direction(memory, undefined), times(10, [-900, 900]))).toBe(1);
    expect(memory).toEqual({ inverted: false });
    const given = new Direction({}, true);
    expect(seconds(given, times(30, [-900, 900]))).toBe(0);
    expect(given.isInverted).toBe(true);
  });
});
