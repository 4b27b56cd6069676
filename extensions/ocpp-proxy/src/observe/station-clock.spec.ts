import { StationClock } from './station-clock.js';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;

it('believes a clock that is off by the same in a row, and no queue of old values', () => {
  const clock = new StationClock();
  for (let i = 0; i < 10; i++) clock.saw(NOW - HOUR + i * 10_000, NOW + i * 100);
  expect([clock.offset, clock.isLive(NOW - HOUR, NOW, 10_000)]).toEqual([0, false]);
  for (let i = 0; i < 4; i++) clock.saw(NOW - HOUR + i * 1000, NOW + i * 1000);
  expect([clock.offset, clock.isLive(NOW - HOUR, NOW, 10_000)]).toEqual([-HOUR, true]);
});

it('takes no time for a record that the charge point cannot have known', () => {
  const clock = new StationClock();
  expect([0, NOW - HOUR, NOW + HOUR, undefined].map((t) => clock.plausible(t, NOW))).toEqual([undefined, NOW - HOUR, undefined, undefined]); // prettier-ignore
});
