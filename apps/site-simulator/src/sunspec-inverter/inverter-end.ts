import type { Clock } from '@smx-edge/model';
import { AnswerLine, type FaultBook, type Wire, type WireEnd } from '../line/index.js';
import type { HybridInverter } from './hybrid-inverter.js';
import { READ_FAULTS, WRITE_FAULTS, type InverterFault } from './inverter-faults.js';
import { answerFrame, RequestScanner, type ModbusRequest } from './modbus-frame.js';
import { answerPdu, EXCEPTION, exceptionPdu, isWrite } from './modbus-pdu.js';

/** What a web server would say. */
const GARBAGE = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');

export interface InverterEndOptions {
  readonly wire: Wire;
  readonly inverter: HybridInverter;
  readonly faults: FaultBook<InverterFault>;
  readonly clock: Clock;
  /** The power fails now, for so many ms. */
  fail(ms: number): void;
}

/** The inverter's end of one connection: requests in, answers out in their order, with what is wrong with them. */
export class InverterEnd implements WireEnd {
  private readonly scanner = new RequestScanner();
  private readonly line: AnswerLine<InverterFault>;

  constructor(private readonly o: InverterEndOptions) {
    this.line = new AnswerLine<InverterFault>({ ...o, baud: 0, take: (chunk) => this.take(chunk) });
  }

  get bytes(): number {
    return this.line.bytes;
  }

  receive(chunk: Uint8Array): void {
    this.line.receive(chunk);
  }

  drop(): void {
    this.line.drop();
  }

  private take(chunk: Uint8Array): void {
    const requests = this.scanner.push(chunk);
    if (requests === undefined) this.o.wire.hangUp();
    else for (const request of requests) this.answer(request);
  }

  /** What strikes the answer may be in what it says, so that is known first; a write is done although nobody is told. */
  private answer(request: ModbusRequest): void {
    const { faults } = this.o;
    const { pdu } = request;
    const wrong: readonly string[] = isWrite(pdu) ? READ_FAULTS : WRITE_FAULTS;
    const struck = faults.strike((kind) => !wrong.includes(kind));
    const said = this.said(request, struck);
    if (said === undefined) return;
    const transaction = (request.transaction + (struck.has('transaction') ? 1 : 0)) & 0xffff;
    const unit = (request.unit + (struck.has('unit') ? 1 : 0)) & 0xff;
    this.line.reply(struck.has('garbage') ? GARBAGE : answerFrame({ transaction, unit }, said), { struck });
  }

  private said({ unit, pdu }: ModbusRequest, struck: ReadonlyMap<InverterFault, number>): number[] | undefined {
    if (struck.has('busy')) return exceptionPdu(pdu, EXCEPTION.busy);
    const bank = this.o.inverter.bank(unit, struck);
    if (bank === undefined) return undefined;
    return typeof bank === 'number' ? exceptionPdu(pdu, bank) : answerPdu(pdu, bank);
  }
}
