/* eslint-disable @typescript-eslint/no-require-imports -- a child without Modbus must not load it */
import { EventEmitter } from 'node:events';
import { SmxError } from '@smx-edge/model';
import type ModbusRTU from 'modbus-serial';
import { noModbus, type Crc, type Framing } from './framing.js';
import { RtuFraming } from './rtu-framing.js';
import { TcpFraming } from './tcp-framing.js';
import { ModbusException, type RegisterBlock, type RegisterTable } from './types.js';

/** One request as it goes to a unit. */
export type Request = { readonly unit: number } & (
  | { readonly kind: 'read'; readonly block: RegisterBlock; readonly table: RegisterTable }
  | { readonly kind: 'write'; readonly address: number; readonly words: readonly number[] }
);

/** What modbus-serial takes for its line: it hands a frame over, and hears of one by the event `data`. */
class FramePort extends EventEmitter {
  readonly isOpen = true;
  // one request at a time, on a client that ends with its connection: there is one transaction only
  readonly _transactionIdRead = 1;
  readonly _transactionIdWrite = 1;

  constructor(readonly write: (frame: Buffer) => void) {
    super();
  }
}

/** The requests of one connection, one at a time: builds and reads what modbus-serial knows, on bytes that are ours to move. */
export class ModbusClient {
  private readonly port: FramePort;
  private readonly client: ModbusRTU;
  private readonly framing: Framing;

  constructor(kind: 'tcp' | 'rtu', send: (bytes: Uint8Array) => void) {
    const Client = require('modbus-serial') as new (port: unknown) => ModbusRTU;
    const crc = require('modbus-serial/utils/crc16') as Crc;
    this.framing = kind === 'tcp' ? new TcpFraming(crc) : new RtuFraming(crc);
    this.port = new FramePort((frame) => send(this.framing.encode(frame)));
    this.client = new Client(this.port);
    // open() would number transactions from its own count
    this.port.on('data', (this.client as unknown as { _onReceive: (frame: Buffer) => void })._onReceive);
  }

  /** Sends a request and gives its registers, none of a write. Never settles where no answer comes: time is not known here. */
  request(request: Request): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, result?: object): void => {
        const { data = [] } = (result as { data?: number[] } | undefined) ?? {};
        const expected = request.kind === 'read' ? request.block.count : data.length;
        if (error != null) reject(failureOf(error, request.unit));
        // a frame may be as long as it must and count fewer registers in itself
        else if (data.length !== expected)
          reject(otherThanAsked(request.unit, `${data.length} of ${expected} registers`));
        else resolve(data);
      };
      if (request.kind === 'write') this.client.writeFC16(request.unit, request.address, [...request.words], done);
      else {
        const { address, count } = request.block;
        if (request.table === 'input') this.client.writeFC4(request.unit, address, count, done);
        else this.client.writeFC3(request.unit, address, count, done);
      }
    });
  }

  /** Throws SMX_MODBUS_FRAME where the other side speaks something else. */
  received(chunk: Uint8Array): void {
    const frame = this.framing.push(chunk);
    if (frame !== undefined) this.port.emit('data', frame);
  }
}

/** modbus-serial fails with errors, things that are none, and exceptions of the device. */
function failureOf(error: unknown, unit: number): SmxError {
  const told = error as { message?: unknown; modbusCode?: unknown };
  const text = typeof told.message === 'string' ? told.message : String(error);
  return typeof told.modbusCode === 'number'
    ? new ModbusException(told.modbusCode, `unit ${unit}: ${text}`)
    : otherThanAsked(unit, text);
}

const otherThanAsked = (unit: number, what: string): SmxError =>
  noModbus(`unit ${unit} answers something else than was asked (${what})`);
