import { BackPressure } from './back-pressure.js';

const MIB = 1024 * 1024;

let waiting: number;
let stuck: number;
let pressure: BackPressure;

beforeEach(() => {
  jest.useFakeTimers();
  waiting = MIB;
  stuck = 0;
  const source = { pause: () => {}, resume: () => {} };
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
