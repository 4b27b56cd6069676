import { createHash, type Hash } from 'node:crypto';
import type { WebSocket } from 'ws';
import { frameMaker, sendFrame, type MadeFrame } from '../conformance/support/ocpp-frames.js';
import { seeded } from '../faults/support/random.js';
import type { Bench, BenchRow } from './row.js';
import { OcppLoad } from './support/ocpp-load.js';
import { OcppRelay } from './support/ocpp-relay.js';

const STATIONS = 10;
/** Of each charge point, and as many of its back end. */
const FRAMES = 50_000;
/** Bytes that may wait at a sender before it makes more. */
const AHEAD = 512 * 1024;

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** What one end sent and what the other one got: opcode, length and bytes of each message. */
class Way {
  private readonly sent = createHash('sha256');
  private readonly got = createHash('sha256');
  private left = FRAMES;
  private arrived = 0;
  private readonly make: () => MadeFrame;

  constructor(seed: number) {
    this.make = frameMaker(seeded(seed));
  }

  async send(ws: WebSocket): Promise<void> {
    while (this.left > 0) {
      for (; this.left > 0 && ws.bufferedAmount < AHEAD; this.left--) {
        const frame = this.make();
        note(this.sent, frame);
        sendFrame(ws, frame);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (ws.readyState !== ws.OPEN) throw new Error('a connection ended');
    }
  }

  take(data: Buffer, isBinary: boolean): void {
    this.arrived++;
    note(this.got, { data, isBinary });
  }

  get isDone(): boolean {
    return this.arrived >= FRAMES;
  }

  /** Messages that are missing or too many, all of them where bytes differ. */
  get faults(): number {
    if (this.arrived !== FRAMES) return Math.abs(FRAMES - this.arrived);
    return this.sent.digest('hex') === this.got.digest('hex') ? 0 : FRAMES;
  }
}

function note(hash: Hash, { data, isBinary }: { data: Buffer; isBinary: boolean }): void {
  hash.update(`${isBinary ? 'b' : 't'}${data.length}:`).update(data);
}

async function run(): Promise<readonly Row[]> {
  const load = await OcppLoad.open();
  const relay = await OcppRelay.ours(load.url);
  const points = await load.join(relay.url, STATIONS);
  const ends = load.accepted.slice();
  const up = points.map((_, i) => new Way(2 * i));
  const down = points.map((_, i) => new Way(2 * i + 1));
  load.onMessage = (ws, { data, isBinary }) => up[ends.indexOf(ws)]!.take(data, isBinary);
  for (const [i, ws] of points.entries()) ws.on('message', (data, isBinary) => down[i]!.take(data as Buffer, isBinary));
  const began = performance.now();
  await Promise.all([...points.map((ws, i) => up[i]!.send(ws)), ...ends.map((ws, i) => down[i]!.send(ws))]);
  const late = performance.now() + 20_000;
  const ways = [...up, ...down];
  while (!ways.every((way) => way.isDone) && performance.now() < late) await new Promise((resolve) => setTimeout(resolve, 10)); // prettier-ignore
  const seconds = (performance.now() - began) / 1000;
  await relay.close();
  load.close();
  const faults = ways.reduce((sum, way) => sum + way.faults, 0);
  const name = (what: string): string => `OCPP proxy: ${what}`;
  return [
    { name: name('of 10⁶ generated messages both ways, those not as they were sent'), figure: faults, unit: '', target: 0, limit: null, better: 'less' }, // prettier-ignore
    { name: name('rate of these messages, made and looked at in one process'), figure: (2 * STATIONS * FRAMES) / seconds, unit: 'messages/s', target: 15_000, limit: null, better: 'more' }, // prettier-ignore
  ];
}

export const bench: Bench = { name: 'ocpp-bytes', run };
