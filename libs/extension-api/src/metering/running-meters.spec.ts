import type { SmxContext } from '../context.js';
import { RunningMeters, type ShownMeter } from './running-meters.js';

const context = (): SmxContext => ({}) as SmxContext;
const meter = (name: string): ShownMeter => ({ device: { name }, state: { code: 'reading', text: 'reading' }, reached: [7] }); // prettier-ignore

describe('calls of meters', () => {
  it('show those of their own instance, while these are read', async () => {
    const meters = new RunningMeters<ShownMeter>();
    const [here, there] = [context(), context()];
    let end = (): void => undefined;
    const running = meters.run(here, { meters: [meter('pcc')], run: () => new Promise((resolve) => (end = resolve)) });
    await meters.run(there, { meters: [meter('tenant')], run: async () => undefined });
    expect(meters.states.run({}, here)).toEqual([{ device: 'pcc', code: 'reading', text: 'reading', reached: [7] }]);
    expect(meters.call(({ reached }) => ({ count: reached.length })).run({}, there)).toEqual([
      { device: 'tenant', count: 1 },
    ]);
    end();
    await running;
  });

  it('say that a reader is not up, in place of an empty answer', () => {
    const meters = new RunningMeters<ShownMeter>();
    expect(() => meters.states.run({}, context())).toThrow(expect.objectContaining({ code: 'SMX_EXTENSION_CALL' }));
  });
});
