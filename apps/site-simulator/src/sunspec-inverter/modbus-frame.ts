/** A request of Modbus TCP (MODBUS Messaging on TCP/IP V1.0b §3.1.3). */
export interface ModbusRequest {
  readonly transaction: number;
  readonly unit: number;
  /** Function code and what follows it. */
  readonly pdu: Buffer;
}

const HEAD = 7;
/** The unit and at least a function code; a PDU has at most 253 bytes. */
const [SHORTEST, LONGEST] = [2, 254];

/** Cuts what one client sends into requests. */
export class RequestScanner {
  private rest = Buffer.alloc(0);

  /** Undefined where it is no Modbus: a device then closes the connection. */
  push(chunk: Uint8Array): ModbusRequest[] | undefined {
    this.rest = Buffer.concat([this.rest, chunk]);
    const requests: ModbusRequest[] = [];
    while (this.rest.length >= HEAD) {
      const length = this.rest.readUInt16BE(4);
      if (this.rest.readUInt16BE(2) !== 0 || length < SHORTEST || length > LONGEST) return undefined;
      const end = HEAD - 1 + length;
      if (this.rest.length < end) break;
      requests.push({
        ...{ transaction: this.rest.readUInt16BE(0), unit: this.rest[HEAD - 1]! },
        pdu: this.rest.subarray(HEAD, end),
      });
      this.rest = this.rest.subarray(end);
    }
    return requests;
  }
}

/** A frame that answers a request. */
export function answerFrame(
  { transaction, unit }: Pick<ModbusRequest, 'transaction' | 'unit'>,
  pdu: readonly number[],
): Uint8Array {
  const frame = Buffer.alloc(HEAD + pdu.length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(1 + pdu.length, 4);
  frame[HEAD - 1] = unit;
  frame.set(pdu, HEAD);
  return frame;
}
