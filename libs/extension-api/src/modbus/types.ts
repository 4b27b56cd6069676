import { isSmxError, SmxError } from '@smx-edge/model';
import type { Duration } from '../point.js';
import type { LineOptions, LineState } from '../transports/types.js';

/** Registers from `address`, counted from 0. */
export interface RegisterBlock {
  readonly address: number;
  readonly count: number;
}

/** Which table registers are read from; `holding` unless said. */
export type RegisterTable = 'holding' | 'input';

/** A device refuses a request with the exception of this number (MODBUS Application Protocol V1.1b3 §7). */
export class ModbusException extends SmxError {
  constructor(
    readonly exception: number,
    message: string,
  ) {
    super('SMX_MODBUS_EXCEPTION', message);
  }
}

/** Whether a device refused a request; the link may be of another bundle, so that its class says nothing. */
export function isModbusException(error: unknown): error is ModbusException {
  return isSmxError(error) && error.code === 'SMX_MODBUS_EXCEPTION' && 'exception' in error;
}

/**
 * One unit behind a link. Registers are 0 to 65535, addresses count from 0. Every request settles within the time-out of the link,
 * whatever the other side does. Rejects with SMX_MODBUS_EXCEPTION (a ModbusException), SMX_MODBUS_TIMEOUT, SMX_MODBUS_FRAME,
 * SMX_MODBUS_REQUEST, or SMX_TRANSPORT_… where there is no connection.
 */
export interface ModbusUnit {
  readonly unit: number;
  /** At most 125 registers in one request; asked a second time where the connection breaks before the answer. */
  read(block: RegisterBlock, table?: RegisterTable): Promise<number[]>;
  /** Each block's registers, of any length, in as few requests as reach them all. No block may end behind 65535. */
  readAll(blocks: readonly RegisterBlock[], table?: RegisterTable): Promise<number[][]>;
  /**
   * Writes 1 to 123 registers in one request. Sent once only: where it fails for another reason than an exception, the device may
   * have taken it, and a read says whether.
   */
  write(address: number, words: readonly number[]): Promise<void>;
}

/** A Modbus connection that makes itself when it is needed, and anew after a fault; requests go one after the other. */
export interface ModbusLink {
  /**
   * 0 to 255 over TCP, 1 to 247 over a serial line; throws SMX_MODBUS_REQUEST. `timeout`: for an answer of this unit,
   * counted from when it is asked; a shorter one than that of the link does not hurry the connection.
   */
  unit(unit: number, options?: ModbusOptions): ModbusUnit;
  readonly state: LineState;
  close(): Promise<void>;
}

export interface ModbusOptions {
  /** How long a request may take from the call to its end, connecting and waiting for others included. Default 3 s. */
  readonly timeout?: Duration;
  /** Of a unit: nobody knows whether there is one, so its silence is no fault of the line. Default false. */
  readonly maybe?: boolean;
}

/** How a link is made; `idle` and `buffer` are for lines. */
export interface LinkOptions extends LineOptions {
  /** Ms from the call of a request to its end. */
  readonly timeout: number;
  /** Ms of silence before each request: 3.5 characters of a serial line. */
  readonly pause?: number;
}

/** `openModbus(source, options)`: throws SMX_TRANSPORT_SOURCE; all else is state. */
export type OpenModbus = (source: string, options: LinkOptions) => ModbusLink;
