import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Bytes of heap that a process of its own holds once most of what was in it is gone. */
function held(isTidied: boolean): { readonly bytes: number; readonly gc: string } {
  const script = `
    const { tidyHeap } = require(${JSON.stringify(join(__dirname, '../../dist/worker/tidy-heap.js'))});
    const { setFlagsFromString } = require('node:v8');
    setFlagsFromString('--expose-gc');
    const collect = require('node:vm').runInNewContext('gc');
    // a frame of its own, that keeps nothing once it is left
    const left = (() => {
      const all = Array.from({ length: 400_000 }, (_, i) => ({ i, next: [i] }));
      collect();
      return all.filter((_, i) => i % 20 === 0);
    })();
    if (${isTidied}) tidyHeap();
    else collect();
    console.log(JSON.stringify({ bytes: process.memoryUsage().heapTotal, gc: typeof globalThis.gc, left: left.length }));`;
  return JSON.parse(execFileSync(process.execPath, ['--max-semi-space-size=1', '-e', script]).toString()) as {
    readonly bytes: number;
    readonly gc: string;
  };
}

it('closes the gaps that a collection leaves, and leaves nothing behind that others could call', () => {
  const tidied = held(true);
  expect(tidied.gc).toBe('undefined');
  expect(held(false).bytes).toBeGreaterThan(2 * tidied.bytes);
});
