import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const TURNS = 24;

/** Feeds a process of its own, and tells how many bytes each second of samples leaves for the collector: the least of several, for the compiler leaves its own. */
const script = `
  const { PowerQuality } = require(${JSON.stringify(join(__dirname, '../../dist/power-quality/index.js'))});
  const meter = new PowerQuality({ wiring: '4-wire', rate: 2600 }, { onCycle() {}, onWindow() {}, onInterval() {} });
  const arrays = (n) => Array.from({ length: n }, () => new Float64Array(260));
  const block = { voltage: arrays(3), current: arrays(4), count: 260, lost: 0, time: 0 };
  const blocks = Array.from({ length: 200 }, (_, n) => {
    const own = { ...block, voltage: arrays(3), current: arrays(4) };
    for (let k = 0; k < 260; k++)
      for (let p = 0; p < 4; p++) {
        const angle = (2 * Math.PI * 49.95 * (n * 260 + k)) / 2600 - (p * 2 * Math.PI) / 3;
        if (p < 3) own.voltage[p][k] = 325 * Math.sin(angle) + 9 * Math.sin(5 * angle);
        own.current[p][k] = 14 * Math.sin(angle - 0.4);
      }
    return own;
  });
  let time = Date.UTC(2026, 0, 12, 9);
  const turn = () => {
    for (let n = 0; n < blocks.length; n++, time += 100) {
      blocks[n].time = time;
      meter.push(blocks[n]);
    }
  };
  const used = () => process.memoryUsage().heapUsed;
  const left = [];
  for (let k = 0; k < ${TURNS}; k++) {
    const before = used();
    turn();
    if (k >= ${TURNS / 2}) left.push(used() - before);
  }
  console.log(Math.min(...left.filter((bytes) => bytes >= 0)) / 20);`;

it('leaves the collector next to nothing: a number that became an object in each cycle would be 800 bytes a second', () => {
  const bytes = Number(execFileSync(process.execPath, ['--min-semi-space-size=16', '-e', script]).toString());
  expect(bytes).toBeLessThan(600);
}, 180_000);
