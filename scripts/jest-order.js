// Specs that wait for rigs and processes begin first: the longest would else run alone at the end.
'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

const LONGEST = ['/test/faults/', '/test/e2e/', '/test/'];

const rank = ({ path }) => {
  const at = LONGEST.findIndex((folder) => path.includes(folder));
  return at < 0 ? LONGEST.length : at;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
