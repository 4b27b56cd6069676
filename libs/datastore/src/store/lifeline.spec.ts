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

it('a disk that is full is logged once, whatever file it is said of', () => {
  const lines: string[] = [];
  const log = { ...silentLog, error: (text: string) => lines.push(text), info: (text: string) => lines.push(text) };
  const none = (): void => undefined;
  const link = { isOpen: true } as unknown as ThreadLink;
  const lifeline = new Lifeline({
    link,
    clock: new VirtualClock(),
    log,
    epoch: 1,
    renew: none,
    post: none,
    tell: none,
  });
  const heard: (string | undefined)[] = [];
  lifeline.onFault((fault) => heard.push(fault?.message));
  for (let n = 0; n < 20; n++)
    lifeline.notice({ kind: 'fault', error: { code: 'SMX_STORE_FULL', message: `full, of file ${n % 2}` } });
  lifeline.notice({ kind: 'fault', error: undefined });
  expect(lines).toEqual(['the store cannot write', 'the store takes writes again']);
  expect(heard.slice(0, 2)).toEqual(['full, of file 0', 'full, of file 1']);
  lifeline.dispose();
});
