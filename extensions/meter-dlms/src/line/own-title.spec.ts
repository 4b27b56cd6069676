import type { InstanceState } from '@smx-edge/extension-api';
import { silentLog, SmxError } from '@smx-edge/model';
import { ownTitle } from './own-title.js';

function memory(): InstanceState {
  const kept = new Map<string, unknown>();
  return { get: async <T>(key: string) => kept.get(key) as T | undefined, set: async (key, value) => void kept.set(key, value) }; // prettier-ignore
}

it('the title of a reader is its own, the same at each start, and no other box has it', async () => {
  const state = memory();
  const first = await ownTitle(state, silentLog);
  expect([first.length, Buffer.from(first.subarray(0, 3)).toString()]).toEqual([8, 'SMX']);
  expect(await ownTitle(state, silentLog)).toEqual(first);
  expect(await ownTitle(memory(), silentLog)).not.toEqual(first);
  const full: InstanceState = { ...memory(), set: () => Promise.reject(new SmxError('SMX_STORE_FULL', 'full')) };
  expect(await ownTitle(full, silentLog)).toHaveLength(8);
});
