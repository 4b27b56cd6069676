import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { isModbusException, type ModbusLink } from '@smx-edge/extension-api';
import { silentLog, systemClock } from '@smx-edge/model';
import { until } from './smxcore-support.js';

const READ = 3;
const REQUEST_BYTES = 8;

/** CRC of MODBUS over Serial Line V1.02 §6.2.2. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ 0xa001 : sum >> 1;
  }
  return sum;
}

function framed(bytes: readonly number[]): Buffer {
  const frame = Buffer.alloc(bytes.length + 2);
  frame.set(bytes);
  frame.writeUInt16LE(crc(frame.subarray(0, -2)), bytes.length);
  return frame;
}

/** Units of Modbus TCP on a pseudo-terminal as if they stood on a serial line, for reads; others are silent. */
export class RtuLine {
  private constructor(
    private readonly link: ModbusLink,
    private readonly server: Server,
    private readonly socat: ChildProcess,
  ) {}

  static async open(source: string, units: readonly number[], pty: string): Promise<RtuLine> {
    const link = openModbus(source, { log: silentLog, clock: systemClock, timeout: 1000 });
    const server = createServer((socket) => serve(link, units, socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const socat = spawn('socat', [`pty,rawer,link=${pty}`, `tcp:127.0.0.1:${port}`], { stdio: 'ignore' });
    await until(() => existsSync(pty));
    return new RtuLine(link, server, socat);
  }

  async close(): Promise<void> {
    this.socat.kill();
    this.server.close();
    await this.link.close();
  }
}

function serve(link: ModbusLink, units: readonly number[], socket: Socket): void {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= REQUEST_BYTES) {
      const request = bytes.subarray(0, REQUEST_BYTES);
      bytes = bytes.subarray(REQUEST_BYTES);
      const isSound = request.readUInt16LE(6) === crc(request.subarray(0, 6));
      if (isSound && request[1] === READ && units.includes(request[0]!))
        void answer(link, request).then((frame) => frame && socket.write(frame));
    }
  });
}

async function answer(link: ModbusLink, request: Buffer): Promise<Buffer | undefined> {
  const block = { address: request.readUInt16BE(2), count: request.readUInt16BE(4) };
  try {
    const words = await link.unit(request[0]!).read(block);
    return framed([request[0]!, READ, 2 * words.length, ...words.flatMap((word) => [word >> 8, word & 0xff])]);
  } catch (error) {
    return isModbusException(error) ? framed([request[0]!, READ | 0x80, error.exception]) : undefined;
  }
}
