import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@smx-edge/model';
import { codeOf } from '../../test-support/line-harness.js';
import { PortFrame, portFrame, PortFrameReader } from '../transports/port-wire.js';
import { withCrc } from './framing.js';
import { openModbus } from './open-modbus.js';
import type { ModbusLink } from './types.js';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- it has no types
const crc = require('modbus-serial/utils/crc16') as (bytes: Uint8Array) => number;

const TIMEOUT = 300;
const block = { address: 10, count: 3 };
const registersOf = (unit: number): number[] => [unit, 0x1234, 0xffff];

/** The port process's end of a serial line, with devices behind it that share the wire: two at a time spoil each other. */
class Wire {
  readonly asked: Buffer[] = [];
  readonly settings: object[] = [];
  private readonly server: Server;
  private isTalking = false;
  /** The bytes that answer a request, in the pieces they come in. */
  answer = (request: Buffer): readonly Uint8Array[] => {
    const words = registersOf(request[0]!).flatMap((word) => [word >> 8, word & 0xff]);
    return [withCrc(Uint8Array.from([request[0]!, request[1]!, words.length, ...words]), crc)];
  };

  constructor(readonly path: string) {
    this.server = createServer((socket) => {
      const reader = new PortFrameReader((type, payload) => this.frame(socket, { type, payload }));
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => reader.push(chunk));
    });
  }

  readonly door = {
    open: (_: string, settings: object) => {
      this.settings.push(settings);
      return Promise.resolve({ socketPath: this.path, nonce: '0'.repeat(64) });
    },
  };

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.path, resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private frame(socket: Socket, { type, payload }: { type: number; payload: Uint8Array }): void {
    if (type === PortFrame.hello) socket.write(portFrame(PortFrame.ready, new Uint8Array(0)));
    if (type !== PortFrame.data) return;
    const request = Buffer.from(payload);
    this.asked.push(request);
    if (this.isTalking) return;
    this.isTalking = true;
    const pieces = [...this.answer(request)];
    const next = (): void => {
      const piece = pieces.shift();
      if (piece === undefined) this.isTalking = false;
      else {
        socket.write(portFrame(PortFrame.data, piece));
        setImmediate(next);
      }
    };
    setImmediate(next);
  }
}

describe('a Modbus link over a serial line', () => {
  let dir: string;
  let wire: Wire;
  let link: ModbusLink;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'smx-rtu-'));
    wire = new Wire(join(dir, 'port.sock'));
    await wire.listen();
    link = openModbus('modbus+rtu:/dev/ttyUSB0', {
      ...{ log: silentLog, clock: systemClock, serial: wire.door, random: () => 0, timeout: TIMEOUT },
    });
  });
  afterEach(async () => {
    await link.close();
    await wire.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('13: lets requests that come at once wait for each other', async () => {
    const units = [1, 2, 3, 1].map((unit) => link.unit(unit));
    expect(await Promise.all(units.map((unit) => unit.read(block)))).toEqual([1, 2, 3, 1].map(registersOf));
    expect(wire.asked).toHaveLength(4);
    expect(wire.settings).toEqual([{ baud: 9600, mode: '8N1' }]);
  });

  it('finds an answer among noise and in pieces, and takes none whose check is wrong', async () => {
    const sound = wire.answer;
    wire.answer = (request) => {
      const [whole] = sound(request) as [Buffer];
      const broken = Buffer.from(whole);
      broken[4]! ^= 1;
      return [Uint8Array.of(0, 1, 3), broken, whole.subarray(0, 4), whole.subarray(4)];
    };
    expect(await link.unit(1).read(block)).toEqual(registersOf(1));
  });

  it('tells an exception, and that a unit is silent', async () => {
    wire.answer = (request) => [withCrc(Uint8Array.of(request[0]!, request[1]! | 0x80, 11), crc)];
    await expect(link.unit(1).read(block)).rejects.toMatchObject({ code: 'SMX_MODBUS_EXCEPTION', exception: 11 });
    wire.answer = () => [];
    expect(await codeOf(link.unit(2).read(block))).toBe('SMX_MODBUS_TIMEOUT');
  });

  it('stays open while a unit is silent, and takes nothing of it for the answer of another', async () => {
    const sound = wire.answer;
    expect(await link.unit(1).read(block)).toEqual(registersOf(1));
    wire.answer = () => [];
    const quick = { timeout: 30 };
    for (let i = 0; i < 3; i++) expect(await codeOf(link.unit(2, quick).read(block))).toBe('SMX_MODBUS_TIMEOUT');
    // the answer of the silent one comes with that of another
    wire.answer = (request) => [...sound(Buffer.from([2, 3])), ...sound(request)];
    expect(await link.unit(1).read(block)).toEqual(registersOf(1));
    expect(wire.settings).toHaveLength(1);
  });

  it('has units 1 to 247', () => {
    for (const unit of [0, 248]) expect(() => link.unit(unit)).toThrow(/expected 1 to 247/);
  });
});
