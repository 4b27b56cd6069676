import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** Most bytes of buffers that a process of its own has while 64 MiB of long messages go through it. */
function most(isTold: boolean): { readonly bytes: number; readonly gc: string } {
  const script = `
    const { SpentBuffers } = require(${JSON.stringify(join(__dirname, '../../dist/relay/spent-buffers.js'))});
    const spent = new SpentBuffers();
    let bytes = 0;
    for (let i = 0; i < 1024; i++) {
      const message = Buffer.alloc(64 * 1024, 1);
      if (${isTold}) spent.add(message.length);
      bytes = Math.max(bytes, process.memoryUsage().arrayBuffers);
    }
    console.log(JSON.stringify({ bytes, gc: typeof globalThis.gc }));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script]).toString()) as { bytes: number; gc: string };
}

it('has what long messages were in collected before V8 would, and leaves nothing behind that others could call', () => {
  const told = most(true);
  expect(told.bytes).toBeLessThan(12 * MIB);
  expect(told.gc).toBe('undefined');
  // what V8 does by itself
  expect(most(false).bytes).toBeGreaterThan(2 * told.bytes);
});
