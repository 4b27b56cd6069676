import { until } from '../../test-support/index.js';
import { SpentBuffers } from './spent-buffers.js';

const MIB = 1024 * 1024;

it('has what long messages were in collected, long before V8 would, and leaves nothing behind that others could call', async () => {
  const spent = new SpentBuffers();
  const before = process.memoryUsage().arrayBuffers;
  const pass = (): void => {
    const message = Buffer.alloc(64 * 1024, 1);
    spent.add(message.length);
  };
  for (let i = 0; i < 64; i++) pass();
  await until(() => process.memoryUsage().arrayBuffers - before < 2 * MIB);
  expect(globalThis).not.toHaveProperty('gc');
});
