import fc from 'fast-check';
import { TestBackEnd, testChargePoint, TestProxy, until, type TestChargePoint } from '../../test-support/index.js';
import type { InjectionAnswer } from './circuit.js';

/** What happens next at the two ends and in the box; `late` has so little time that its answer may come too late. */
const MOVES = ['call', 'call', 'say', 'inject', 'inject', 'late', 'answer', 'answer', 'answer newest', 'answer twice', 'ask', 'wait'] as const; // prettier-ignore
type Move = (typeof MOVES)[number];

interface Open {
  readonly id: string;
  readonly isOwn: boolean;
}

let backEnd: TestBackEnd;
let proxy: TestProxy;
let point: TestChargePoint['peer'];
let serial = 0;

beforeAll(async () => {
  backEnd = await TestBackEnd.open();
  proxy = await TestProxy.open({ backend: backEnd.url });
  ({ peer: point } = await testChargePoint(`${proxy.url}/CP1`, { offer: 'ocpp1.6' }));
  await until(() => backEnd.peers.length === 1);
});
afterAll(async () => {
  proxy.close();
  await backEnd.close();
});

/** One interleaving over real sockets, with what each end may see of it. */
class Interleaving {
  readonly faults: string[] = [];
  private readonly open: Open[] = [];
  private readonly called: string[] = [];
  private readonly arrived: string[] = [];
  private readonly injections = new Map<string, { answer: InjectionAnswer | undefined }>();
  private readonly pending: { answer: InjectionAnswer | undefined }[] = [];
  /** What the back end is to get, in order. */
  private readonly due: string[] = [];
  private readonly got: string[] = [];
  private lastOwn: string | undefined;

  async run(moves: readonly Move[]): Promise<void> {
    const atPoint = (data: Buffer): void => this.reached(data.toString());
    const atBackEnd = (data: Buffer): void => void this.got.push(data.toString());
    point.ws.on('message', atPoint);
    backEnd.last.ws.on('message', atBackEnd);
    for (const move of moves) await this.take(move);
    await until(() => {
      while (this.open.length > 0) this.answer(this.open[0]!);
      return this.pending.every(({ answer }) => answer) && this.arrived.length === this.called.length && this.got.length >= this.due.length; // prettier-ignore
    });
    // what must not come would be there before this
    point.ws.send(this.dueAs('[2,"last","Heartbeat",{}]'));
    await until(() => this.got.includes('[2,"last","Heartbeat",{}]'));
    point.ws.off('message', atPoint);
    backEnd.last.ws.off('message', atBackEnd);
    expect(this.faults).toEqual([]);
    expect(this.got).toEqual(this.due);
    expect(this.arrived).toEqual(this.called);
  }

  /** How each injection ended. */
  get ends(): InjectionAnswer['status'][] {
    return this.pending.map(({ answer }) => answer!.status);
  }

  private async take(move: Move): Promise<void> {
    if (move === 'call') backEnd.last.ws.send(`[2,"${this.calls()}","Reset",{}]`);
    else if (move === 'say') backEnd.last.ws.send('[3,"x",{}]');
    else if (move === 'inject') this.inject(10_000);
    else if (move === 'late') this.inject(4);
    else if (move === 'answer' && this.open.length > 0) this.answer(this.open[0]!);
    else if (move === 'answer newest' && this.open.length > 0) this.answer(this.open.at(-1)!);
    else if (move === 'answer twice' && this.lastOwn !== undefined) point.ws.send(`[3,"${this.lastOwn}",{}]`);
    else if (move === 'ask') point.ws.send(this.dueAs(`[2,"p${(serial += 1)}","Heartbeat",{}]`));
    else await new Promise((resolve) => setTimeout(resolve, 3));
  }

  private calls(): string {
    const id = `b${(serial += 1)}`;
    this.called.push(id);
    return id;
  }

  private inject(answerWithin: number): void {
    const injection: { answer: InjectionAnswer | undefined } = { answer: undefined };
    this.pending.push(injection);
    const tag = String((serial += 1));
    this.injections.set(tag, injection);
    const call = { action: 'TriggerMessage', payload: { tag }, answerWithin };
    void proxy.relay.circuits.get('CP1')!.inject(call).then((answer) => (injection.answer = answer)); // prettier-ignore
  }

  /** A frame is at the charge point. */
  private reached(text: string): void {
    const [kind, id, , payload] = JSON.parse(text) as [number, string, string, { tag?: string }];
    if (kind !== 2) return;
    const isOwn = !id.startsWith('b');
    if (!isOwn) this.arrived.push(id);
    const others = this.open.filter((one) => one.isOwn !== isOwn && (isOwn || this.isAwaited(one.id)));
    if (others.length > 0) this.faults.push(`${id} came while ${others[0]!.id} was open`);
    if (isOwn) this.injections.set(id, this.injections.get(payload.tag!)!);
    this.open.push({ id, isOwn });
  }

  private isAwaited(id: string): boolean {
    return this.injections.get(id)?.answer === undefined;
  }

  private answer(call: Open): void {
    this.open.splice(this.open.indexOf(call), 1);
    const text = `[3,"${call.id}",{}]`;
    if (call.isOwn) this.lastOwn = call.id;
    point.ws.send(call.isOwn ? text : this.dueAs(text));
  }

  private dueAs(text: string): string {
    this.due.push(text);
    return text;
  }
}

it('injected CALLs and those of the back end are never open together, and neither end misses or gets what it should not', async () => {
  const ends: InjectionAnswer['status'][] = [];
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...MOVES), { minLength: 5, maxLength: 40 }),
    async (moves) => {
      const interleaving = new Interleaving();
      await interleaving.run(moves);
      ends.push(...interleaving.ends);
    },
  );
  await fc.assert(property, { numRuns: 200, seed: 7 });
  // some of each, or nothing was tried
  expect(ends.filter((status) => status === 'ok').length).toBeGreaterThan(200);
  expect(ends.filter((status) => status === 'timeout').length).toBeGreaterThan(20);
  expect(ends.every((status) => status === 'ok' || status === 'timeout')).toBe(true);
}, 60_000);
