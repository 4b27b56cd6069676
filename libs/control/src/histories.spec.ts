import { runHistories } from '../test-support/histories.js';

/** `npm run bench -- --only control --long` runs 100,000. */
const RUNS = 400;

test('in whatever history, each command has one outcome, is executed at most once, in time and within bounds', () => {
  runHistories(RUNS);
});
