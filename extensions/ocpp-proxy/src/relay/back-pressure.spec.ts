import { BackPressure } from './back-pressure.js';

const MIB = 1024 * 1024;

let waiting: number;
let stuck: number;
let paused: number;
let pressure: BackPressure;

beforeEach(() => {
  jest.useFakeTimers();
  waiting = MIB;
  stuck = 0;
  paused = 0;
  const source = { pause: () => (paused += 1), resume: () => (paused -= 1) };
  pressure = new BackPressure(source, () => waiting, { after: 60_000, do: () => (stuck += 1) });
});

afterEach(() => {
  pressure.stop();
  jest.useRealTimers();
});

it('gives up a destination that took nothing for a whole interval', () => {
  pressure.before(100);
  waiting += 100;
  jest.advanceTimersByTime(59_999);
  expect(stuck).toBe(0);
  jest.advanceTimersByTime(1);
  expect(stuck).toBe(1);
});

it('waits for one that takes something, however slowly', () => {
  pressure.before(100);
  waiting += 100;
  for (let i = 0; i < 10; i++) {
    waiting -= 1;
    jest.advanceTimersByTime(60_000);
  }
  expect(stuck).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(stuck).toBe(1);
});

it('pauses before many small frames that wait, and none where each finds the way free', () => {
  waiting = 0;
  for (let i = 0; i < 10_000; i++) expect(pressure.before(1)).toBeUndefined();
  waiting = 7;
  for (let i = 0; i < 4_095; i++) pressure.before(1);
  expect(paused).toBe(0);
  const sent = pressure.before(1);
  expect(paused).toBe(1);
  sent!();
  expect(paused).toBe(0);
});
