import { HeldMemory } from './memory.js';

it('knows a set-point as held only once that is on disk, so that nothing is written that a restart would not know', async () => {
  const disk = new Map<string, unknown>();
  let isFull = true;
  const state = {
    get: <T>(key: string) => Promise.resolve(disk.get(key) as T | undefined),
    set: (key: string, value: unknown) =>
      isFull ? Promise.reject(new Error('too many writes of state')) : Promise.resolve(void disk.set(key, value)),
  };
  const memory = await HeldMemory.load(state);
  await expect(memory.mark('mode/setpoint', { rest: 'off' })).rejects.toThrow('too many');
  await expect(memory.mark('mode/setpoint', { rest: 'off' })).rejects.toThrow('too many');
  isFull = false;
  await memory.mark('mode/setpoint', { rest: 'off' });
  expect((await HeldMemory.load(state)).paths).toEqual(['mode/setpoint']);
});
