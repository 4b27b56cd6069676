import fc from 'fast-check';
import { GoingOn } from './going-on.js';
import { Pace } from './pace.js';
import { SenderChoice } from './sender-choice.js';

describe('whether a clock goes on', () => {
  const of = (stamps: readonly number[]): boolean[] => {
    const clock = new GoingOn();
    return stamps.map((stamp) => clock.isNew(stamp));
  };

  it.each([
    ['goes on', [1, 2, 3], [true, true, true]],
    ['stands still', [1, 1, 1], [true, false, false]],
    ['goes back once', [5, 6, 4, 7], [true, true, false, true]],
    ['was set back', [5, 6, 1, 2, 3], [true, true, false, true, true]],
    ['stands still further back', [5, 1, 1, 1], [true, false, false, false]],
    ['says the same two again and again', [5, 6, 5, 6, 5, 6], [true, true, false, false, false, false]],
  ])('%s', (_, stamps, expected) => expect(of(stamps)).toEqual(expected));

  it('is never believed of one stamp twice in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (stamps) => {
        const fresh = of(stamps);
        return stamps.every((stamp, i) => i === 0 || stamp !== stamps[i - 1] || fresh[i] === false);
      }),
    );
  });
});

describe('the pace at which a far side tells', () => {
  const of = (times: readonly number[], said?: number): number => {
    const pace = new Pace(said);
    for (const t of times) pace.news(t);
    return pace.maxAge;
  };
  const each = (gap: number, n = 10): number[] => Array.from({ length: n }, (_, i) => i * gap);

  it.each([
    ['nothing', [], 10_000],
    ['each second', each(1000), 10_000],
    ['each minute', each(60_010), 180_000],
    ['twice', each(60_000, 2), 180_000],
    ['in bursts each minute', each(60_000).flatMap((t) => [t, t + 50, t + 100]), 180_000],
    ['in long bursts each minute', each(60_000).flatMap((t) => each(40, 30).map((more) => t + more)), 180_000],
    ['each second with one outage', [...each(1000), ...each(1000).map((t) => t + 3_600_000)], 10_000],
    ['once a day', each(86_400_000), 1_800_000],
  ])('%s', (_, times, maxAge) => expect(of(times)).toBe(maxAge));

  it('is what the operator says', () => expect(of(each(1000), 20_000)).toBe(60_000));
});

describe('who is meant on a broker', () => {
  const of = (names: readonly string[], at: number): string | undefined => {
    const choice = new SenderChoice({ prefix: 'n', wait: 1000 });
    for (const name of names) choice.hear(name, 0);
    return choice.decide(at);
  };

  it.each([
    [[], 5000, undefined],
    [['a/x'], 500, undefined],
    [['a/x'], 1000, 'a/x'],
    [['a/x', 'b/x'], 5000, undefined],
    [['a/x', 'N/x'], 0, 'N/x'],
    [['a/n', 'b/n'], 5000, undefined],
  ])('of %j after %i ms is %s', (names, at, expected) => expect(of(names, at)).toBe(expected));
});
