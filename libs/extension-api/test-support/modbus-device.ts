import { createServer, type Server, type Socket } from 'node:net';

export interface Asked {
  readonly transaction: number;
  readonly unit: number;
  readonly code: number;
  readonly address: number;
  readonly count: number;
}

export type Answer = (asked: Asked, socket: Socket) => unknown;

/** A frame of Modbus TCP. */
export function frame(transaction: number, unit: number, pdu: readonly number[]): Buffer {
  const bytes = Buffer.alloc(7 + pdu.length);
  bytes.writeUInt16BE(transaction, 0);
  bytes.writeUInt16BE(1 + pdu.length, 4);
  bytes[6] = unit;
  bytes.set(pdu, 7);
  return bytes;
}

/** Registers that tell of their unit and address. */
export const registersOf = (unit: number, address: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (unit << 8) + ((address + i) & 0xff));

export const good: Answer = ({ transaction, unit, code, address, count }, socket) => {
  const words = registersOf(unit, address, count).flatMap((word) => [word >> 8, word & 0xff]);
  const pdu = code === 16 ? [16, address >> 8, address & 0xff, count >> 8, count & 0xff] : [code, 2 * count, ...words];
  socket.write(frame(transaction, unit, pdu));
};

/** A device on a real socket that answers as it is told to. */
export class ModbusDevice {
  readonly asked: Asked[] = [];
  readonly sockets: Socket[] = [];
  readonly server: Server;
  answer: Answer = good;

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      let bytes = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        while (bytes.length >= 12 && bytes.length >= 6 + bytes.readUInt16BE(4)) {
          const asked = {
            ...{ transaction: bytes.readUInt16BE(0), unit: bytes[6]!, code: bytes[7]! },
            ...{ address: bytes.readUInt16BE(8), count: bytes.readUInt16BE(10) },
          };
          bytes = bytes.subarray(6 + bytes.readUInt16BE(4));
          this.asked.push(asked);
          this.answer(asked, socket);
        }
      });
    });
  }
}

/** A device that has these registers and no others: a request beyond them is refused by exception 2. */
export const imageAnswer =
  (registers: ReadonlyMap<number, number>): Answer =>
  ({ transaction, unit, code, address, count }, socket) => {
    const words = Array.from({ length: count }, (_, i) => registers.get(address + i));
    const pdu = words.some((word) => word === undefined)
      ? [code | 0x80, 2]
      : [code, 2 * count, ...words.flatMap((word) => [word! >> 8, word! & 0xff])];
    socket.write(frame(transaction, unit, pdu));
  };
