import { until } from '../../test-support/index.js';
import { Backlog } from './backlog.js';

it('looks into frames in order, leaves out momentary ones that are too much, and never that a connection ended', async () => {
  const errors: unknown[] = [];
  const backlog = new Backlog((error) => errors.push(error));
  const seen: number[] = [];
  const taken = Array.from({ length: 600 }, (_, i) => backlog.frame('momentary', 10, () => seen.push(i)));
  expect(taken.filter(Boolean)).toHaveLength(512);
  backlog.always(() => {
    seen.push(-1);
    throw new Error('of one');
  });
  expect(seen).toEqual([]);
  await until(() => seen.at(-1) === -1);
  expect(seen).toEqual([...Array.from({ length: 512 }, (_, i) => i), -1]);
  expect(errors).toHaveLength(1);
  expect(backlog.frame('momentary', 10, () => {})).toBe(true);
});

it('takes what tells of sessions however many values wait, up to 4 MiB of it', async () => {
  const backlog = new Backlog(() => {});
  const seen: string[] = [];
  while (backlog.frame('momentary', 1000, () => seen.push('values')));
  for (let i = 0; i < 2000; i++) expect(backlog.frame('lasting', 1000, () => seen.push('session'))).toBe(true);
  expect(backlog.frame('lasting', 2_000_000, () => {})).toBe(false);
  await until(() => seen.length === 2512);
  expect(seen.slice(512).every((what) => what === 'session')).toBe(true);
  expect(backlog.frame('lasting', 2_000_000, () => {})).toBe(true);
});

describe('values that come one by one', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('are looked into together, and before a status that comes behind them', () => {
    const backlog = new Backlog(() => {});
    const seen: string[] = [];
    backlog.frame('momentary', 10, () => seen.push('first'));
    jest.advanceTimersByTime(10);
    expect(seen).toEqual(['first']);
    backlog.frame('momentary', 10, () => seen.push('second'));
    jest.advanceTimersByTime(100);
    backlog.frame('momentary', 10, () => seen.push('third'));
    jest.advanceTimersByTime(100);
    expect(seen).toEqual(['first']);
    jest.advanceTimersByTime(50);
    expect(seen).toEqual(['first', 'second', 'third']);
    backlog.frame('momentary', 10, () => seen.push('fourth'));
    jest.advanceTimersByTime(100);
    backlog.frame('lasting', 10, () => seen.push('status'));
    jest.advanceTimersByTime(10);
    expect(seen).toEqual(['first', 'second', 'third', 'fourth', 'status']);
  });
});
