import type { InstanceState } from '@smx-edge/extension-api';
import type { Log } from '@smx-edge/model';
import { Memory, type Remembered } from './memory.js';

it('writes what waits for a slow disk as one, and the last of it', async () => {
  const written: Remembered[] = [];
  const begun: (() => void)[] = [];
  const state = {
    get: () => Promise.resolve(undefined),
    set: (_key: string, value: Remembered) => {
      written.push(structuredClone(value));
      return new Promise<void>((resolve) => begun.push(resolve));
    },
  } as unknown as InstanceState;
  const memory = await Memory.load(state, { warn: fail } as unknown as Log);
  for (let n = 1; n <= 100; n++) {
    memory.kept.events.dip = n;
    memory.save();
    if (n === 1) await new Promise((resolve) => setImmediate(resolve));
  }
  begun[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  expect(written.map(({ events }) => events.dip)).toEqual([1, 100]);
});

function fail(text: string): never {
  throw new Error(text);
}
