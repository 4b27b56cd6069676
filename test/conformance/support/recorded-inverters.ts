import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join, resolve } from 'node:path';

/** Registers of real and of random devices, beside the project. */
const DATA = resolve('../shared/data/fronius/modbus');

/** Names of the recorded and seeded images. */
export const RECORDED = ['verto_live', 'sunspec_sim_ig', 'fuzz1', 'fuzz2'] as const;

export const hasRecorded = (): boolean => existsSync(DATA);

type Images = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One image on Modbus TCP, as the device does: units that are not there are silent. Resolves once it listens. */
export async function serveRecorded(name: (typeof RECORDED)[number]): Promise<{ server: Server; source: string }> {
  const { units } = JSON.parse(readFileSync(join(DATA, `${name}.json`), 'utf8')) as { units: Images };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (asked) => {
      const image = units[asked[6]!];
      if (image === undefined) return;
      const [from, count] = [asked.readUInt16BE(8), asked.readUInt16BE(10)];
      const words = Array.from({ length: count }, (_, i) => image[from + i]);
      const pdu = words.some((word) => word === undefined)
        ? [asked[7]! | 0x80, 2]
        : [asked[7]!, 2 * count, ...words.flatMap((word) => [word! >> 8, word! & 0xff])];
      socket.write(Buffer.from([asked[0]!, asked[1]!, 0, 0, 0, pdu.length + 1, asked[6]!, ...pdu]));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, source: `modbus://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
