import fc from 'fast-check';
import { TestBackEnd, testChargePoint, TestProxy, until } from '../../test-support/index.js';
import type { Dial } from '../relay/far-side.js';
import { LOST } from '../relay/wire.js';

const offer = 'ocpp1.6';
const DOWN = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };

type Act = 'send' | 'answer' | 'die' | 'close' | 'down' | 'up' | 'wait';

const numberOf = (frame: string | Buffer): number => Number((JSON.parse(frame.toString()) as [number, string])[1]);

/** Notes the frames that a connection to the back end took. */
const noting =
  (taken: number[], dial: Dial): Dial =>
  async (handshake, signal) => {
    const result = await dial(handshake, signal);
    if ('failure' in result) return result;
    const { farSide } = result;
    const send = farSide.send.bind(farSide);
    farSide.send = (frame, sent) => {
      const took = send(frame, sent);
      if (took) taken.push(numberOf(frame.data));
      return took;
    };
    return result;
  };

/**
 * A charge point numbers what it sends; its back end dies, closes and stays away between any two steps. All of it is handed to one
 * connection to the back end, in order; none to a second one, so that only what was on its way to a lost connection can be missing.
 */
it('hands each frame to one connection, in order, whenever the back end dies', async () => {
  const act = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Act>('send') },
    { weight: 3, arbitrary: fc.constantFrom<Act>('die', 'close', 'down', 'up') },
    { weight: 2, arbitrary: fc.constantFrom<Act>('wait', 'answer') },
  );
  const seen = { sent: 0, held: 0, losses: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const taken: number[] = [];
      const backEnd = await TestBackEnd.open();
      const proxy = await TestProxy.open(
        { backend: backEnd.url, away: 'hold' },
        { dial: (dial) => noting(taken, dial), random: () => -0.495 },
      );
      try {
        const { peer } = await testChargePoint(`${proxy.url}/A`, { offer });
        await until(() => backEnd.peers.length === 1);
        const farSide = (): unknown => [...proxy.relay.circuits][0]?.farSide;
        let sent = 0;
        for (const act of acts) {
          if (act === 'send') {
            peer.ws.send(`[2,"${sent}","MeterValues",{"n":${sent}}]`);
            sent += 1;
            if (farSide() === undefined) seen.held += 1;
          } else if (act === 'answer') {
            if (backEnd.last.ws.readyState === 1) backEnd.last.ws.send(`[3,"${sent - 1}",{}]`);
          } else if (act === 'wait') await new Promise((resolve) => setTimeout(resolve, 3));
          else if (act === 'up') backEnd.plan = {};
          else {
            if (act === 'down') backEnd.plan = DOWN;
            if (act === 'close') backEnd.last.ws.close(1012);
            else backEnd.last.ws.terminate();
            seen.losses += 1;
          }
        }
        backEnd.plan = {};
        const last = sent;
        peer.ws.send(`[2,"${last}","Heartbeat",{}]`);
        await until(() => taken.includes(last), 'the last frame');
        expect(taken).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
        const got = backEnd.peers.flatMap(({ texts }) => texts).map(numberOf);
        expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
        expect(peer.got.every(({ data }) => data.toString().startsWith('[3,'))).toBe(true);
        expect(peer.end).toBeUndefined();
        seen.sent += sent;
      } finally {
        proxy.close(LOST);
        await backEnd.close();
      }
    }),
    { numRuns: 400, seed: 20261128 },
  );
  // the runs are of the kind that they are meant to be
  expect(seen.sent).toBeGreaterThan(2000);
  expect(seen.losses).toBeGreaterThan(400);
  expect(seen.held).toBeGreaterThan(100);
}, 120_000);
