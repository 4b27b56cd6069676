import type { InstanceState } from '@smx-edge/extension-api';
import type { Log } from '@smx-edge/model';
import { Memory, type Remembered } from './memory.js';

/** A store that writes when told. */
class SlowState {
  readonly written: number[] = [];
  readonly warnings: string[] = [];
  now = 1_800_000_000_000;
  private readonly begun: ((error?: Error) => void)[] = [];

  open(): Promise<Memory> {
    const set = (_key: string, { events }: Remembered): Promise<void> => {
      this.written.push(events.dip);
      return new Promise((resolve, reject) => this.begun.push((error) => (error ? reject(error) : resolve())));
    };
    const state = { get: () => Promise.resolve(undefined), set } as unknown as InstanceState;
    const log = { warn: (text: string) => this.warnings.push(text) } as unknown as Log;
    return Memory.load({ state, log, now: () => this.now });
  }

  async finish(error?: Error): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.begun.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** So many events a second for so many seconds. */
async function storm(
  state: SlowState,
  memory: Memory,
  { seconds, each }: { seconds: number; each: number },
): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    for (let n = 0; n < each; n++) {
      memory.kept.events.dip++;
      memory.save();
      await Promise.resolve();
    }
    state.now += 1000;
    memory.look();
    await state.finish();
  }
}

it('writes the first event at once, and a storm of them each 10 s', async () => {
  const state = new SlowState();
  const memory = await state.open();
  await storm(state, memory, { seconds: 60, each: 20 });
  expect(state.written.length).toBeLessThanOrEqual(7);
  expect(state.written[0]).toBe(1);
  // and what came last once it is quiet
  await storm(state, memory, { seconds: 11, each: 0 });
  expect(state.written.at(-1)).toBe(1200);
});

it('writes what waits at a stop, and again what could not be written', async () => {
  const state = new SlowState();
  const memory = await state.open();
  await storm(state, memory, { seconds: 1, each: 2 });
  const flushed = memory.flush();
  await state.finish();
  await flushed;
  expect(state.written).toEqual([1, 2]);
  state.now += 20_000;
  memory.save();
  await state.finish(new Error('disk full'));
  expect(state.warnings.length).toBe(1);
  await storm(state, memory, { seconds: 20, each: 0 });
  expect(state.written).toEqual([1, 2, 2, 2]);
});
