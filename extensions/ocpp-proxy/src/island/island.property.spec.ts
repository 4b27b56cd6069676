import type { InstanceState } from '@smx-edge/extension-api';
import fc from 'fast-check';
import { MemoryState, TestBackEnd, testChargePoint, TestProxy, until, type Peer } from '../../test-support/index.js';
import type { Dial } from '../relay/far-side.js';
import { LOST } from '../relay/wire.js';

const DOWN = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };

type Act = 'message' | 'down' | 'up' | 'kill back end' | 'kill box' | 'kill charge point' | 'wait';
type Payload = Record<string, unknown>;

/** ms that the charge point waits for an answer before it asks again: what was under way to a back end that died has none. */
const TIMEOUT = 400;

/** A charge point that says one thing after the other, each until it is answered, over as many connections as that takes. */
class Station {
  private peer: Peer | undefined;
  private ids = 0;

  constructor(private readonly url: () => string) {}

  async ask(action: string, payload: Payload): Promise<Payload> {
    for (;;) {
      const peer = await this.connected();
      const id = `cp${(this.ids += 1)}`;
      peer.ws.send(JSON.stringify([2, id, action, payload]));
      const answer = (): string | undefined => peer.texts.find((text) => text.startsWith(`[3,"${id}"`));
      const deadline = performance.now() + TIMEOUT;
      await until(() => answer() !== undefined || peer.end !== undefined || performance.now() > deadline, action);
      if (answer() !== undefined) return (JSON.parse(answer()!) as [number, string, Payload])[2];
    }
  }

  kill(): void {
    this.peer?.ws.terminate();
  }

  private async connected(): Promise<Peer> {
    while (this.peer === undefined || this.peer.end !== undefined || this.peer.ws.readyState !== 1) {
      const got = await testChargePoint(this.url(), { offer: 'ocpp1.6' }).catch(() => undefined);
      this.peer = got?.peer;
      if (this.peer === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.peer;
  }
}

interface Told {
  readonly text: string;
  readonly id: string;
}

const isOfStation = (id: string): boolean => id.startsWith('cp');

/** Calls `got` with the id of each answer of the back end, once the box has it. */
const noting =
  (dial: Dial, got: (id: string) => void): Dial =>
  async (handshake, signal) => {
    const result = await dial(handshake, signal);
    if ('failure' in result) return result;
    const { farSide } = result;
    const listen = farSide.listen.bind(farSide);
    farSide.listen = (listener) =>
      listen({
        ...listener,
        frame: (frame) => {
          const [kind, id] = JSON.parse(frame.data.toString()) as [number, string];
          if (kind === 3) got(id);
          listener.frame(frame);
        },
      });
    return result;
  };

/**
 * Transactions while back end, box and charge point die at any moment. At the back end, over all its connections: each message
 * that the charge point has an answer to, first in the order it was said; again only where something died before its answer.
 */
it('loses and mixes up no transaction message, whatever dies when', async () => {
  const act = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Act>('message') },
    { weight: 4, arbitrary: fc.constantFrom<Act>('down', 'up', 'kill back end', 'kill box', 'kill charge point') },
    { weight: 1, arbitrary: fc.constant<Act>('wait') },
  );
  const seen = { messages: 0, deaths: 0, doubled: 0, local: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 30 }), async (acts) => {
      const state = new MemoryState();
      const backEnd = await TestBackEnd.open();
      let boxes = 0;
      const open = (): Promise<TestProxy> => {
        const box = (boxes += 1);
        // a box that was killed writes nothing more
        const own: InstanceState = {
          get: (key) => state.get(key),
          set: (key, value) => (box === boxes ? state.set(key, value) : new Promise<void>(() => {})),
        };
        return TestProxy.open(
          { backend: backEnd.url, away: 'island' },
          {
            random: () => -0.495,
            dial: (dial) => noting(dial, (id) => (box === boxes ? came.set(id, box) : undefined)),
            island: { state: own, now: Date.now, tags: ['T'], acceptsUnknown: true },
          },
        );
      };
      /** Ids of what the box has an answer to, and which box that was. */
      const came = new Map<string, number>();
      const told: Told[] = [];
      let needless = 0;
      let proxy = await open();
      const heard: string[] = [];
      const numbers = new Map<number, number>();
      const answered = new Set<Peer>();
      const attach = (peer: Peer): void => {
        answered.add(peer);
        const take = (data: Buffer): void => {
          const [kind, id, action, payload] = JSON.parse(data.toString()) as [number, string, string, Payload];
          if (kind !== 2) return;
          const text = `${action} ${String(payload['n'])}`;
          const before = told.filter((each) => each.text === text && came.get(each.id) === boxes);
          // what the charge point says again past the box is its own affair, as over a direct connection
          if (/Transaction/.test(action))
            needless += before.filter((each) => !(isOfStation(each.id) && isOfStation(id))).length;
          told.push({ text, id });
          if (typeof payload['n'] === 'number') heard.push(`${action} ${payload['n']} of ${String(numbers.get(payload['transactionId'] as number) ?? '-')}`); // prettier-ignore
          if (action === 'StartTransaction') numbers.set(100 + heard.length, payload['n'] as number);
          const answer = action === 'StartTransaction' ? { transactionId: 100 + heard.length, idTagInfo: { status: 'Accepted' } } : action === 'BootNotification' ? { status: 'Accepted', interval: 9 } : {}; // prettier-ignore
          // some time for things to die, and for the charge point to go on
          setTimeout(() => peer.ws.send(JSON.stringify([3, id, answer]), () => {}), (heard.length * 7) % 12);
        };
        for (const { data } of peer.got) take(data);
        peer.ws.on('message', (data) => take(data as Buffer));
      };
      const watching = setInterval(() => backEnd.peers.filter((peer) => !answered.has(peer)).forEach(attach), 1);
      const station = new Station(() => `${proxy.url}/A`);
      try {
        await station.ask('BootNotification', { chargePointModel: 'x' });
        await until(() => (state.kept.get('island/A/station') ?? '').includes('boot'));
        const said: string[] = [];
        let deaths = 0;
        let n = 0;
        let running: { readonly id: number; readonly n: number } | undefined;
        const say = async (): Promise<void> => {
          n += 1;
          const mine = n;
          if (running === undefined) {
            const { transactionId } = await station.ask('StartTransaction', { n: mine, idTag: 'T', connectorId: 1 });
            if ((transactionId as number) >= 2_000_000_000) seen.local += 1;
            running = { id: transactionId as number, n: mine };
            said.push(`StartTransaction ${mine} of -`);
            return;
          }
          const action = mine % 3 === 0 ? 'StopTransaction' : 'MeterValues';
          await station.ask(action, { n: mine, transactionId: running.id });
          said.push(`${action} ${mine} of ${running.n}`);
          if (action === 'StopTransaction') running = undefined;
        };
        let saying = Promise.resolve();
        for (const act of acts) {
          if (act === 'message') {
            // the next act may come before its answer
            await saying;
            saying = say();
            if (n % 2 === 0) await saying;
          } else if (act === 'wait') await new Promise((resolve) => setTimeout(resolve, 4));
          else if (act === 'up') backEnd.plan = {};
          else {
            deaths += 1;
            if (act === 'down') backEnd.plan = DOWN;
            if (act === 'kill charge point') station.kill();
            else if (act !== 'kill box') for (const { ws } of backEnd.peers) ws.terminate();
            else {
              proxy.close(LOST);
              proxy = await open();
            }
          }
        }
        await saying;
        backEnd.plan = {};
        // it is told over the connection of the charge point
        await station.ask('Heartbeat', {});
        await until(() => said.every((text) => heard.includes(text)), 'all of it').catch(() => {});
        const first = heard.filter((text, at) => heard.indexOf(text) === at);
        expect(first).toEqual(said);
        expect(heard.length - first.length).toBeLessThanOrEqual(deaths);
        // a start or stop whose answer reached this box is not told again
        expect(needless).toBe(0);
        seen.messages += said.length;
        seen.deaths += deaths;
        seen.doubled += heard.length - first.length;
      } finally {
        clearInterval(watching);
        station.kill();
        proxy.close(LOST);
        await backEnd.close();
      }
    }),
    { numRuns: 100, seed: 20261128, endOnFailure: true },
  );
  // the runs are of the kind that they are meant to be
  expect(seen.messages).toBeGreaterThan(500);
  expect(seen.deaths).toBeGreaterThan(300);
  expect(seen.local).toBeGreaterThan(30);
  expect(seen.doubled).toBeLessThan(seen.deaths / 4);
}, 200_000);
