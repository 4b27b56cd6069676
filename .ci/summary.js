// Jest's totals and, last, the one line that counts tests and steps together.
'use strict';
const { existsSync, readFileSync } = require('node:fs');

const [steps, broken] = process.argv.slice(2).map(Number);
const file = '.build/jest.json';
const jest = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
if (jest === undefined) console.log('Tests: none ran');
else
  console.log(
    `Tests: ${jest.numFailedTests} failed, ${jest.numPendingTests} skipped, ${jest.numPassedTests} passed, ${jest.numTotalTests} total`,
  );
const passed = steps + (jest?.numPassedTests ?? 0);
const failed = broken + (jest?.numFailedTests ?? 0) + (jest?.numRuntimeErrorTestSuites ?? 0);
const skipped = jest?.numPendingTests ?? 0;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && (jest?.numPassedTests ?? 0) > 0 ? 0 : 1);
