import { judgeTimes, type TimedRow } from './clock-oracle.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 27, 12);
const AT = [0, 10_000, 20_000].map((ms) => START + ms);
const sent = new Map(AT.map((at, i) => [i + 1, { time: at - 50, at }]));
/** The box's clock is an hour behind for the second telegram. */
const ahead = (from: number): number[] => [from < AT[1]! - 2000 || from > AT[1]! + 2000 ? 0 : -HOUR];
const RIGHT: readonly TimedRow[] = [
  { t: AT[0]! - 50, count: 1, quality: 'good' },
  { t: AT[1]! - HOUR + 30, count: 2, quality: 'uncertain' },
  { t: AT[2]! - 50, count: 3, quality: 'good' },
];

const counts = (rows: readonly TimedRow[], isDue: (at: number) => boolean = () => true) => {
  const { lost, twice, wrong, unsaid, good } = judgeTimes({ sent, first: 1, last: 3, rows, isDue, ahead });
  return [lost.length, twice.length, wrong.length, unsaid.length, good];
};
const second = (change: Partial<TimedRow>): TimedRow[] => [RIGHT[0]!, { ...RIGHT[1]!, ...change }, RIGHT[2]!];

it('takes the time of the meter, or that of the box where it is said to be uncertain', () => {
  expect(counts(RIGHT)).toEqual([0, 0, 0, 0, 3]);
});

it('sees what is missing, twice, under a time that no clock had, or does not say that its time is unsure', () => {
  expect(counts([RIGHT[0]!, RIGHT[2]!])).toEqual([1, 0, 0, 0, 2]);
  expect(counts([RIGHT[0]!, RIGHT[2]!], (at) => at !== AT[1])).toEqual([0, 0, 0, 0, 2]);
  expect(counts([...RIGHT, RIGHT[0]!])).toEqual([0, 1, 0, 0, 2]);
  expect(counts(second({ t: AT[1]! + DAY }))).toEqual([0, 0, 1, 0, 2]);
  expect(counts(second({ quality: 'good' }))).toEqual([0, 0, 1, 0, 2]);
  expect(counts(second({ t: AT[1]! - 50, quality: 'good' }))).toEqual([0, 0, 0, 1, 2]);
  expect(counts([{ ...RIGHT[0]!, quality: 'uncertain' }, RIGHT[1]!, RIGHT[2]!])).toEqual([0, 0, 0, 1, 2]);
});
