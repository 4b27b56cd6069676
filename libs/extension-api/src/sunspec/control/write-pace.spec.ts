import { VirtualClock } from '@smx-edge/model';
import { WritePace } from './write-pace.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is waited for within a time', () => {
  const clock = new VirtualClock();
  const pace = new WritePace(clock);
  const begin = (done: Promise<void>): { isOver: boolean } => {
    const wait = { isOver: false };
    void pace.within(500, done).then(() => (wait.isOver = true));
    return wait;
  };

  it('holds nobody up for longer, where it never ends', async () => {
    const wait = begin(new Promise(() => undefined));
    clock.advance(499);
    await turn();
    expect(wait.isOver).toBe(false);
    clock.advance(1);
    await turn();
    expect(wait.isOver).toBe(true);
  });

  it.each([
    ['done', Promise.resolve()],
    ['refused', Promise.reject(new Error('no disk'))],
  ])('is over as soon as it is %s', async (_, done) => {
    const wait = begin(done);
    await turn();
    expect(wait.isOver).toBe(true);
  });
});
