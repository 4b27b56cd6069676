// Specs that wait for rigs and processes run beside those that compute, the longest of each first: what the ones leave of
// the processors the others take, from begin to end.
'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/** Seconds that one takes where it never ran before, by the folder it is in. */
const WAITING = [
  ['/test/faults/faults', 180],
  ['/test/e2e/', 25],
  ['/test/faults/', 10],
];
const COMPUTING = 3;

const guess = ({ path }) => WAITING.find(([folder]) => path.includes(folder))?.[1];

/** Takes from both lists so that of each the same share of its time has been handed out at any moment. */
function inTurns(one, other, time) {
  const lists = [one, other].map((tests) => ({
    tests,
    whole: tests.reduce((sum, test) => sum + time(test), 0),
    out: 0,
  }));
  const order = [];
  while (lists.some(({ tests }) => tests.length > 0)) {
    const [list] = lists.filter(({ tests }) => tests.length > 0).sort((a, b) => a.out / a.whole - b.out / b.whole);
    const test = list.tests.shift();
    list.out += time(test);
    order.push(test);
  }
  return order;
}

module.exports = class extends Sequencer {
  sort(tests) {
    // ms of its last run
    const time = (test) => test.duration ?? 1000 * (guess(test) ?? COMPUTING);
    // those that failed stay before all others
    const sorted = super.sort(tests);
    const failed = sorted.filter((test) => this.hasFailed(test));
    const rest = sorted.filter((test) => !this.hasFailed(test)).sort((a, b) => time(b) - time(a));
    const isWaiting = (test) => guess(test) !== undefined;
    const [waiting, computing] = [rest.filter(isWaiting), rest.filter((test) => !isWaiting(test))];
    return [...failed, ...inTurns(waiting, computing, time)];
  }
};
