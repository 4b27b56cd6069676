import { VirtualClock } from './clock.js';

it('runs timers in order of time, and those they start', () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`b@${clock.now()}`));
  clock.after(10, () => {
    seen.push(`a@${clock.now()}`);
    clock.after(5, () => seen.push(`c@${clock.now()}`));
  });
  clock.after(30, () => seen.push('d')).dispose();
  clock.advance(100);
  expect(seen).toEqual(['a@10', 'c@15', 'b@20']);
  expect(clock.now()).toBe(100);
});

it('steps the wall without letting time pass', () => {
  const clock = new VirtualClock(1000);
  let fired = 0;
  clock.after(10, () => fired++);
  clock.setWall(5_000_000);
  expect([fired, clock.monotonic(), clock.now()]).toEqual([0, 0, 5_000_000]);
});

it('goes on to the next timer, however odd its time, or as far as it is let', () => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  const again = (): void => void clock.after(1 / 3, () => seen.push(clock.monotonic()) < 1000 && again());
  again();
  for (let n = 0; n < 1000; n++) clock.next(10);
  expect(seen).toHaveLength(1000);
  clock.next(10);
  expect(clock.monotonic()).toBeCloseTo(seen.at(-1)! + 10, 6);
  clock.after(30, () => seen.push(-1));
  clock.next(10);
  expect(seen.at(-1)).not.toBe(-1);
  clock.next(20);
  expect(seen.at(-1)).toBe(-1);
});
