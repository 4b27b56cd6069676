import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SmxError, type ErrorCode } from '@smx-edge/model';
import { LineHarness, until } from '../../test-support/line-harness.js';
import { PortFrame, PortFrameReader, portFrame, portMessage } from './port-wire.js';
import type { Line } from './types.js';

/** The far side of a serial line as the port process shows it: everything it says to a hello leaves in one write. */
class PortEnd {
  readonly heard: Buffer[] = [];
  readonly asked: object[] = [];
  private readonly server: Server;
  private peer: Socket | undefined;

  constructor(private readonly path: string) {
    this.server = createServer((socket) => {
      this.peer = socket;
      const reader = new PortFrameReader((type, payload) => this.frame(socket, { type, payload }));
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => reader.push(chunk));
    });
  }

  readonly door = { open: () => Promise.resolve({ socketPath: this.path, nonce: '0'.repeat(64) }) };

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.path, resolve));
  }

  hangUp(): void {
    this.peer?.destroy();
  }

  close(): Promise<void> {
    this.hangUp();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private frame(socket: Socket, { type, payload }: { type: number; payload: Uint8Array }): void {
    const bytes = portFrame(PortFrame.data, Buffer.from('ping'));
    if (type === PortFrame.hello) socket.write(Buffer.concat([portFrame(PortFrame.ready, new Uint8Array(0)), bytes]));
    else if (type === PortFrame.data) this.heard.push(Buffer.from(payload));
    else {
      this.asked.push(JSON.parse(Buffer.from(payload.subarray(4)).toString()) as object);
      const id = Buffer.from(payload).readUInt32BE(0);
      socket.write(Buffer.concat([bytes, portMessage(PortFrame.reply, id, {})]));
    }
  }
}

describe('serial line', () => {
  let dir: string;
  let port: PortEnd;
  let harness: LineHarness;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'smx-serial-'));
    port = new PortEnd(join(dir, 'port.sock'));
    harness = new LineHarness();
    await port.listen();
  });

  afterEach(async () => {
    await harness.done();
    await port.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('can be answered from its first byte on, though that came with the word that the port is open', async () => {
    const line = harness.open('serial:/dev/any', { serial: port.door });
    for await (const chunk of line) {
      await line.write(chunk);
      break;
    }
    await until('the answer', () => port.heard.length === 1);
    expect(port.heard[0]!.toString()).toBe('ping');
    expect(line.state.status).toBe('no-frames');
    expect(line.counters.bytesIn).toBe(4);
  });

  it('keeps what comes while modem lines are set anew after a reconnect', async () => {
    const line = harness.open('serial:/dev/any', { serial: port.door });
    await until('the first bytes', () => line.counters.bytesIn === 4);
    await line.configure({ dtr: false });
    port.hangUp();
    await until('the loss', () => line.state.retryAt !== undefined);
    harness.clock.advance(1000);
    await until('the line to open again', () => line.counters.connects === 2);
    expect(port.asked).toEqual([
      { op: 'configure', dtr: false },
      { op: 'configure', dtr: false },
    ]);
    expect(line.counters.bytesIn).toBe(16);
    expect(line.state.status).toBe('no-frames');
  });

  describe('while it cannot be opened', () => {
    let why: ErrorCode | undefined;
    const door = {
      open: () => (why === undefined ? port.door.open() : Promise.reject(new SmxError(why, 'it cannot be opened'))),
    };

    /** Pauses after the first tries, ms; the last of them is not over. */
    async function pauses(line: Line, count: number): Promise<number[]> {
      const seen: number[] = [];
      for (;;) {
        await until('a try to fail', () => line.counters.failures === seen.length + 1);
        seen.push(line.state.retryAt! - harness.clock.now());
        if (seen.length === count) return seen;
        harness.clock.advance(seen.at(-1)!);
      }
    }

    it('is looked for each second where it is not there, and opened as soon as it is', async () => {
      why = 'SMX_TRANSPORT_ABSENT';
      const line = harness.open('serial:/dev/any', { serial: door });
      expect(await pauses(line, 20)).toEqual(Array(20).fill(1000));
      expect(line.state).toMatchObject({ status: 'connecting', reason: 'absent' });
      why = undefined;
      harness.clock.advance(1000);
      await until('the first bytes', () => line.counters.bytesIn === 4);
      // one reason, one line in the log
      expect(harness.warnings.length).toBe(1);
    });

    it('is tried with growing pauses where it is there and refuses', async () => {
      why = 'SMX_TRANSPORT_BUSY';
      const line = harness.open('serial:/dev/any', { serial: door });
      expect(await pauses(line, 4)).toEqual([1000, 2000, 4000, 8000]);
    });
  });
});
