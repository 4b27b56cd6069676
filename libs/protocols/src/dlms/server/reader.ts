import {
  encodeLnResponse,
  encodeReadResponse,
  encodeServiceError,
  type GetRequest,
  type GetResult,
  type ReadRequest,
  type ReadSpecification,
} from '../../cosem/index.js';
import { BlockSender } from '../transfer/block-sender.js';
import type { Directory } from './directory.js';

const BLOCK_NUMBER_INVALID = 19;
const NO_LONG_GET = 16;
/** Bytes of a block that are not raw data: tags, numbers, lengths. */
const BLOCK_OVERHEAD = 16;
/** Bytes before the raw data that go into blocks: of a value also its choice. */
const BEFORE_VALUE = 4;
const BEFORE_LIST = 3;
const BEFORE_RESULTS = 1;

/** Answers what reads, in blocks where the client takes no more at once. APDUs in plain. */
export class Reader {
  private sender: BlockSender | undefined;

  constructor(
    private readonly directory: Directory,
    /** Longest answer, bytes; infinite where there are no blocks. */
    private readonly longest: number,
  ) {}

  get(request: GetRequest): Uint8Array {
    const { apdu, invoke } = { apdu: 'get-response', invoke: request.invoke } as const;
    if (request.type === 'next') return this.getBlock(request);
    this.sender = undefined;
    if (request.type === 'with-list') {
      const list = request.list.map((one) => this.directory.get(one));
      const whole = encodeLnResponse({ apdu, type: 'with-list', invoke, list });
      return this.begun(whole, BEFORE_LIST) ? this.getBlock({ invoke, block: 0 }) : whole;
    }
    const result = this.directory.get(request.attribute);
    const whole = encodeLnResponse({ apdu, type: 'normal', invoke, result });
    return 'data' in result && this.begun(whole, BEFORE_VALUE) ? this.getBlock({ invoke, block: 0 }) : whole;
  }

  read({ list }: ReadRequest): Uint8Array {
    const [first] = list;
    if (first !== undefined && 'block' in first) return this.readBlock(first.block);
    this.sender = undefined;
    const results = list.map((one): GetResult => (isName(one) ? this.directory.read(one) : { error: NO_LONG_GET }));
    const whole = encodeReadResponse({ apdu: 'read-response', list: results });
    return this.begun(whole, BEFORE_RESULTS) ? this.readBlock(0) : whole;
  }

  private begun(whole: Uint8Array, before: number): boolean {
    if (whole.length <= this.longest) return false;
    this.sender = new BlockSender(whole.subarray(before), Math.max(1, this.longest - BLOCK_OVERHEAD));
    return true;
  }

  private getBlock({ invoke, block: after }: { invoke: number; block: number }): Uint8Array {
    const piece = this.sender?.next(after);
    const error = this.sender === undefined ? NO_LONG_GET : BLOCK_NUMBER_INVALID;
    const { block, last, raw } = piece ?? { block: after, last: true, raw: undefined };
    const result = raw === undefined ? { error } : { raw };
    if (piece === undefined) this.sender = undefined;
    return encodeLnResponse({ apdu: 'get-response', type: 'with-datablock', invoke, block, last, result });
  }

  private readBlock(after: number): Uint8Array {
    const piece = this.sender?.next(after);
    if (piece !== undefined) return encodeReadResponse({ apdu: 'read-response', list: [piece] });
    this.sender = undefined;
    // read: access, scope of it violated
    return encodeServiceError({ apdu: 'confirmed-service-error', service: 5, kind: 5, value: 1 });
  }
}

const isName = (one: ReadSpecification): one is ReadSpecification & { name: number } => 'name' in one;
