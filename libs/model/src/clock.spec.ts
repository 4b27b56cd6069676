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

it('tells how long nothing falls due', () => {
  const clock = new VirtualClock(0);
  expect(clock.idle).toBeUndefined();
  const sooner = clock.after(10, () => undefined);
  clock.after(30, () => undefined);
  expect(clock.idle).toBe(10);
  sooner.dispose();
  clock.advance(5);
  expect(clock.idle).toBe(25);
  clock.advance(25);
  expect(clock.idle).toBeUndefined();
});
