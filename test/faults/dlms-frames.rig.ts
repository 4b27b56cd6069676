import { isDeepStrictEqual } from 'node:util';
import { isSmxError } from '@smx-edge/model';
import { encodeNotification, seal, wrapGeneral, type CipherKeys } from '@smx-edge/protocols/cosem';
import { DlmsClient, PushReceiver, type DlmsServer } from '@smx-edge/protocols/dlms';
import { dialogue, meterOf, reading, settingsOf, type Terms } from '../conformance/support/dlms-line.js';
import { least, most, none, type Extent, type Rig, type RigRow } from './rig.js';
import { mutant } from './support/mutants.js';
import { seeded } from './support/random.js';

const MANY = 1_000_000;
const FEW = 24_000;
/** Nothing that comes may hold a process up for longer, ms of CPU: what else a machine does is no matter of a frame. */
const HANG = 50;

interface Way {
  readonly terms: Terms;
  /** What proves a value: nothing over the plain wrapper, where TCP is trusted. */
  readonly proof: 'fcs' | 'tag' | 'none';
}

const plain = { referencing: 'LN', mechanism: 0 } as const;
const WAYS: readonly Way[] = [
  { terms: { ...plain, framing: 'hdlc' }, proof: 'fcs' },
  { terms: { ...plain, framing: 'hdlc', referencing: 'SN' }, proof: 'fcs' },
  { terms: { ...plain, framing: 'wrapper', blocks: 'get' }, proof: 'none' },
  { terms: { ...plain, framing: 'hdlc', suite: 0 }, proof: 'tag' },
  { terms: { ...plain, framing: 'wrapper', suite: 2, ciphering: 'general-glo' }, proof: 'tag' },
  { terms: { ...plain, framing: 'wrapper', referencing: 'SN', suite: 0 }, proof: 'tag' },
  { terms: { ...plain, framing: 'wrapper', suite: 0, blocks: 'general' }, proof: 'tag' },
];

interface Tally {
  crashes: number;
  /** Values that were not said, with nothing to excuse them. */
  untrue: number;
  hangs: number;
  slowest: number;
  taken: number;
}

/** A client that has asked, its meter, and what it is answered. */
interface Asked {
  readonly client: DlmsClient;
  readonly meter: DlmsServer;
  readonly answer: Uint8Array;
  readonly question: Uint8Array;
}

function ask(client: DlmsClient, meter: DlmsServer, terms: Terms): Asked | undefined {
  const [step] = client.read([reading(terms, 'voltage'), reading(terms, 'clock')]);
  if (step?.kind !== 'send') return undefined;
  const answer = Buffer.concat(meter.receive(step.bytes));
  return answer.length === 0 ? undefined : { client, meter, answer, question: step.bytes };
}

function begin(terms: Terms): Asked {
  const client = new DlmsClient(settingsOf(terms));
  const meter = meterOf(terms);
  dialogue(client, meter).run(client.connect());
  const asked = ask(client, meter, terms);
  if (asked === undefined) throw new Error('the meter of the rig does not answer');
  return asked;
}

/** What the meter says when nothing is wrong. */
function truthOf(terms: Terms): unknown {
  const { client, answer } = begin(terms);
  const [step] = client.receive(answer);
  // of general blocks the first is not the whole
  return step?.kind === 'answer' ? step.results : undefined;
}

/** CRC-16/X-25 bit by bit, so that the rig does not ask the code under test. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >> 1 : (sum >> 1) ^ 0x8408;
  }
  return sum ^ 0xffff;
}

/** Whether a frame with a valid FCS stands in these bytes that is not in `good`: one in 65,536 of random ones has one. */
function hasValidFrame(bytes: Buffer, good: Buffer): boolean {
  for (let at = 0; at + 9 < bytes.length; at++) {
    if (bytes[at] !== 0x7e) continue;
    const length = ((bytes[at + 1]! & 7) << 8) | bytes[at + 2]!;
    const frame = bytes.subarray(at + 1, at + 1 + length);
    if (length < 7 || frame.length < length || good.includes(frame)) continue;
    if (crc(frame.subarray(0, -2)) === frame.readUInt16LE(length - 2)) return true;
  }
  return false;
}

function timed<T>(tally: Tally, run: () => T): T | undefined {
  const began = process.cpuUsage();
  try {
    return run();
  } catch (error) {
    // a meter may say that a stream is no wrapper
    if (!isSmxError(error)) tally.crashes++;
    return undefined;
  } finally {
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    tally.slowest = Math.max(tally.slowest, ms);
    if (ms > HANG) tally.hangs++;
  }
}

/** Answers that come changed, and questions that reach the meter changed. */
function attack({ terms, proof }: Way, count: number, tally: Tally): void {
  const random = seeded(count + WAYS.findIndex((way) => way.terms === terms));
  const truth = truthOf(terms);
  let asked = begin(terms);
  let fed = Buffer.alloc(0);
  for (let i = 0; i < count; i++) {
    const { client, meter, answer, question } = asked;
    const bytes = mutant(answer, random);
    fed = Buffer.concat([fed, bytes]).subarray(-4096);
    const steps = timed(tally, () => client.receive(bytes));
    if (steps === undefined) tally.crashes++;
    for (const step of steps ?? []) {
      if (step.kind !== 'answer') continue;
      tally.taken++;
      const isTrue = truth === undefined || isDeepStrictEqual(step.results, truth);
      const isExcused = proof === 'none' || (proof === 'fcs' && hasValidFrame(fed, Buffer.from(answer)));
      if (!isTrue && !isExcused) tally.untrue++;
    }
    const isOver = i % 64 === 63;
    // what is left of a bad question may spoil the next, so another meter is taken then
    if (isOver) for (let n = 0; n < 4; n++) timed(tally, () => meter.receive(mutant(question, random)));
    else if (client.state === 'reading') continue;
    asked = (client.state === 'associated' && !isOver ? ask(client, meter, terms) : undefined) ?? begin(terms);
  }
}

/** Pushes that come changed. */
function attackPush(count: number, tally: Tally): void {
  const random = seeded(count);
  const keys: CipherKeys = { suite: 0, block: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
  const title = Buffer.from('MTR00001');
  const data = { type: 'structure', value: [{ type: 'double-long-unsigned', value: 12_345 }] } as const;
  const body = encodeNotification({ apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0), data });
  const protection = { authenticated: true, encrypted: true };
  const good = wrapGeneral(title, seal(body, { keys, title, counter: 7, protection }), 'general-glo');
  for (let i = 0; i < count; i++) {
    const take = new PushReceiver({ security: { keys, encrypted: true }, title }).connection();
    const outcome = timed(tally, () => take(mutant(good, random)));
    if (outcome === undefined) tally.crashes++;
    else if (outcome !== 'more' && 'notification' in outcome) {
      tally.taken++;
      if (!isDeepStrictEqual(outcome.notification.data, data)) tally.untrue++;
    }
  }
}

/** Changed frames at a reader of DLMS meters, and at a meter. */
export const rig: Rig = {
  name: 'dlms-frames',
  needs: [],
  run(extent: Extent): Promise<readonly RigRow[]> {
    const count = extent === 'many' ? MANY : FEW;
    const tally: Tally = { crashes: 0, untrue: 0, hangs: 0, slowest: 0, taken: 0 };
    const share = Math.floor(count / (WAYS.length + 1));
    for (const way of WAYS) attack(way, share, tally);
    attackPush(share, tally);
    const name = `DLMS frames changed, ${count}:`;
    return Promise.resolve([
      none(`${name} crashes`, tally.crashes),
      none(`${name} values without a valid FCS or tag`, tally.untrue),
      least(`${name} that were as good as before and taken`, tally.taken, { target: 1, unit: '' }),
      // time is no matter of a test run beside others
      ...(extent === 'many'
        ? [
            none(`${name} that held the process up for more than ${HANG} ms`, tally.hangs),
            most(`${name} slowest`, tally.slowest, { target: HANG, unit: 'ms' }),
          ]
        : []),
    ]);
  },
};
