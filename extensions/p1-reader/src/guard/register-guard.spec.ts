import fc from 'fast-check';
import { RegisterGuard } from './register-guard.js';

const LIMIT = { perHour: 50_000, slack: 20 };
const at = (seconds: number, value: number): { value: number; t: number } => ({ value, t: seconds * 1000 });

describe('register guard', () => {
  it('lets an honest register through unchanged, whatever is lost between', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ seconds: fc.integer({ min: 1, max: 100_000 }), watt: fc.integer({ min: 0, max: 50_000 }) }),
          { maxLength: 60 },
        ),
        (steps) => {
          const guard = new RegisterGuard();
          let [t, value] = [0, 1_000_000];
          for (const { seconds, watt } of steps) {
            t += seconds;
            value += Math.floor((watt * seconds) / 3600);
            expect(guard.check('e', at(t, value), LIMIT)).toEqual({ kind: 'good', value });
          }
        },
      ),
    );
  });

  it('holds a register that falls to 0 for a telegram, and says so once', () => {
    const guard = new RegisterGuard();
    guard.check('e', at(0, 5000), LIMIT);
    const reason = 'register fell from 5000 to 0';
    expect(guard.check('e', at(1, 0), LIMIT)).toEqual({ kind: 'held', value: 5000, reason, first: true });
    expect(guard.isHeld('e')).toBe(true);
    expect(guard.check('e', at(2, 0), LIMIT)).toEqual({ kind: 'held', value: 5000, reason, first: false });
    expect(guard.check('e', at(3, 5001), LIMIT)).toEqual({ kind: 'good', value: 5001 });
    expect(guard.isHeld('e')).toBe(false);
  });

  it('holds a jump that the fuse would not carry, and believes the same step after a long gap', () => {
    const guard = new RegisterGuard();
    guard.check('e', at(0, 5000), LIMIT);
    expect(guard.check('e', at(1, 15_000), LIMIT)).toMatchObject({ kind: 'held', value: 5000 });
    const patient = new RegisterGuard({ e: [5000, 0] });
    expect(patient.check('e', at(3600, 15_000), LIMIT)).toEqual({ kind: 'good', value: 15_000 });
  });

  it('believes a new level after ten telegrams that agree, and not after ten that do not', () => {
    const guard = new RegisterGuard();
    guard.check('e', at(0, 5000), LIMIT);
    const seen = Array.from({ length: 10 }, (_, i) => guard.check('e', at(i + 1, 3 + (i >> 2)), LIMIT));
    expect(seen.slice(0, 9).map(({ kind }) => kind)).toEqual(Array(9).fill('held'));
    expect(seen[9]).toEqual({ kind: 'confirmed', value: 5, before: 5000 });
    expect(guard.check('e', at(12, 6), LIMIT)).toEqual({ kind: 'good', value: 6 });
    const noise = new RegisterGuard({ e: [5000, 0] });
    for (let i = 1; i <= 40; i++) expect(noise.check('e', at(i, i % 2 === 0 ? 0 : 900_000), LIMIT)).toMatchObject({ kind: 'held', value: 5000 }); // prettier-ignore
  });

  it('keeps its levels through JSON', () => {
    const guard = new RegisterGuard();
    guard.check('e', at(0, 5000), LIMIT);
    guard.check('e', at(1, 0), LIMIT);
    const again = new RegisterGuard(JSON.parse(JSON.stringify(guard.state())) as ReturnType<RegisterGuard['state']>);
    expect(again.last('e')).toBe(5000);
    expect(again.check('e', at(2, 0), LIMIT)).toMatchObject({ kind: 'held', value: 5000 });
  });
});
