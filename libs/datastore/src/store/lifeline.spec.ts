import { silentLog, VirtualClock } from '@smx-edge/model';
import { Lifeline } from './lifeline.js';
import type { ThreadLink } from './thread-link.js';

it('a thread that leaves keeps the reason why, also where its end is told before what it left', async () => {
  let leave = (): void => undefined;
  const asked: string[] = [];
  const link = {
    isOpen: true,
    leave: () =>
      new Promise((resolve) => (leave = () => resolve({ cut: 7, gaps: [], records: [{ record: {}, range: {} }] }))),
    open: ({ cut }: { cut?: number }) => Promise.resolve({ epoch: 1, asked: asked.push(`open ${cut}`) }),
    ask: (op: string) => Promise.resolve(asked.push(op)),
  } as unknown as ThreadLink;
  const clock = new VirtualClock();
  const none = (): void => undefined;
  const lifeline = new Lifeline({ link, clock, log: silentLog, epoch: 1, renew: none, post: none, tell: none });
  lifeline.notice({ kind: 'fault', error: { code: 'SMX_STORE_FOLDER', message: 'it is gone' } });
  lifeline.notice({ kind: 'leaving' });
  leave();
  lifeline.died('it ended');
  expect(lifeline.fault?.code).toBe('SMX_STORE_FOLDER');
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  // the next one gets what it left
  expect([lifeline.fault, asked]).toEqual([undefined, ['open 7', 'samples']]);
  // and one that ends without a word is told of again
  lifeline.died('it ran out of memory');
  expect(lifeline.fault?.code).toBe('SMX_STORE_FAILED');
  lifeline.dispose();
});
