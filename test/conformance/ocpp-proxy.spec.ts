import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import ocppProxy from '@smx-edge/ocpp-proxy';
import { WebSocket, WebSocketServer } from 'ws';
import { seeded } from '../faults/support/random.js';
import { frameMaker, sendFrame, type MadeFrame } from './support/ocpp-frames.js';
import { proxyDefaults } from './support/ocpp-config.js';

/** The proxy between a charge point and a back end, over real sockets: what comes out is what went in. */
const TRACES = resolve(__dirname, '../../../shared/data/ocpp/traces');
const given = existsSync(TRACES) ? describe : describe.skip;
const NAMES = existsSync(TRACES) ? readdirSync(TRACES).filter((name) => name.endsWith('.jsonl')) : [];

const OPTIONS = { perMessageDeflate: false, skipUTF8Validation: true } as const;
interface Got {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

let server: WebSocketServer;
let harness: Harness;
let backEnd: WebSocket;
let point: WebSocket;
let atBackEnd: Got[];
let atPoint: Got[];

/** Looked at often: a session is hundreds of messages, each after the one before. */
async function until(condition: () => boolean): Promise<void> {
  const late = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > late) throw new Error('what was awaited did not come about within a minute');
    await new Promise((later) => setImmediate(later));
  }
}

async function open(subprotocol = 'ocpp1.6'): Promise<void> {
  server = new WebSocketServer({ ...OPTIONS, port: 0, host: '127.0.0.1' });
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  const config = { ...proxyDefaults(), listen: 'ws://127.0.0.1:0/ocpp', backend: `ws://127.0.0.1:${port}` };
  harness = runExtension(ocppProxy, { config: config as never });
  const address = (): string | undefined => harness.seen.statuses.map(({ text }) => /dial (\S+)\/ID/.exec(text ?? '')?.[1]).find(Boolean); // prettier-ignore
  await until(() => address() !== undefined);
  [atBackEnd, atPoint] = [[], []];
  server.once('connection', (ws) => {
    backEnd = ws;
    ws.on('message', (data, isBinary) => atBackEnd.push({ data: data as Buffer, isBinary }));
  });
  point = new WebSocket(`${address()}/CP1`, [subprotocol], OPTIONS);
  point.on('message', (data, isBinary) => atPoint.push({ data: data as Buffer, isBinary }));
  await new Promise((opened, failed) => point.once('open', opened).once('error', failed));
}

afterEach(async () => {
  point.terminate();
  for (const ws of server.clients) ws.terminate();
  await harness.stop();
  server.close();
});

/** Places where what came is not what was sent. */
function differences(sent: readonly Got[], got: readonly Got[]): number[] {
  const same = (a: Got, b: Got | undefined): boolean =>
    b !== undefined && a.isBinary === b.isBinary && a.data.equals(b.data);
  return sent.map((frame, i) => (same(frame, got[i]) ? -1 : i)).filter((i) => i >= 0);
}

it.each([1, 2, 3])('generated messages pass both ways byte for byte (seed %d)', async (seed) => {
  await open();
  const make = frameMaker(seeded(seed));
  const sent: [MadeFrame[], MadeFrame[]] = [[], []];
  for (let i = 0; i < 4_000; i++) {
    const frame = make();
    sent[i % 2]!.push(frame);
    sendFrame(i % 2 === 0 ? point : backEnd, frame);
  }
  await until(() => atBackEnd.length >= 2_000 && atPoint.length >= 2_000);
  expect([differences(sent[0], atBackEnd), differences(sent[1], atPoint)]).toEqual([[], []]);
});

given('sessions as recorded', () => {
  it.each(NAMES)('%s passes with identical bytes, in its order', async (name) => {
    const lines = readFileSync(join(TRACES, name), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { dir?: string; frame?: string; subprotocol?: string }); // prettier-ignore
    await open(lines[0]!.subprotocol ?? 'ocpp1.6');
    const frames = lines.filter(({ frame }) => frame !== undefined);
    const [up, down] = ['cp->cs', 'cs->cp'].map((way) => frames.filter(({ dir }) => dir === way).map(({ frame }) => ({ data: Buffer.from(frame!), isBinary: false }))); // prettier-ignore
    let ups = 0;
    let downs = 0;
    for (const { dir, frame } of frames) {
      // one after the other, as they were
      if (dir === 'cp->cs') point.send(frame!);
      else backEnd.send(frame!);
      if (dir === 'cp->cs') ups++;
      else downs++;
      await until(() => atBackEnd.length >= ups && atPoint.length >= downs);
    }
    expect([differences(up!, atBackEnd), differences(down!, atPoint)]).toEqual([[], []]);
    expect([atBackEnd.length, atPoint.length]).toEqual([up!.length, down!.length]);
  });
});
