import { SmxError } from '@smx-edge/model';
import {
  ByteReader,
  DEFAULT_INVOKE,
  encodeGet,
  readData,
  readResults,
  type Apdu,
  type AttributeReference,
  type GetResult,
} from '../../cosem/index.js';
import { selectionOf } from '../selector.js';
import type { Dialect, Reply } from './dialect.js';
import type { Reading } from './reading.js';

const ID = 0x0f;

/** GET, by logical names. Each request has an id of its own, so that an answer that came late is not taken for the next. */
export class NameDialect implements Dialect {
  private invoke: number;

  /** `before`: number of the request before the first; its last four bits count. */
  constructor(before = DEFAULT_INVOKE) {
    this.invoke = (DEFAULT_INVOKE & ~ID) | (before & ID);
  }

  request(readings: readonly Reading[]): Uint8Array {
    this.invoke = (this.invoke & ~ID) | ((this.invoke + 1) & ID);
    const { invoke } = this;
    const list = readings.map(attributeOf);
    const [attribute] = list;
    return list.length === 1 && attribute !== undefined
      ? encodeGet({ apdu: 'get-request', type: 'normal', invoke, attribute })
      : encodeGet({ apdu: 'get-request', type: 'with-list', invoke, list });
  }

  next(block: number): Uint8Array {
    return encodeGet({ apdu: 'get-request', type: 'next', invoke: this.invoke, block });
  }

  reply(apdu: Apdu): Reply {
    if (apdu.apdu !== 'get-response')
      return { fault: { why: 'mismatch', detail: `${apdu.apdu} in place of a get-response` } };
    if ((apdu.invoke & ID) !== (this.invoke & ID)) return 'other';
    if (apdu.type === 'normal') return { results: [apdu.result] };
    if (apdu.type === 'with-list') return { results: apdu.list };
    const { result, block, last } = apdu;
    return 'raw' in result ? { block, last, raw: result.raw } : { fault: { why: 'aborted', result: result.error } };
  }

  whole(raw: Uint8Array, count: number): readonly GetResult[] {
    const reader = new ByteReader(raw);
    return count === 1 ? [{ data: readData(reader) }] : readResults(reader);
  }
}

function attributeOf(reading: Reading): AttributeReference {
  if (!('name' in reading))
    throw new SmxError('SMX_PROTOCOL_ENCODE', 'This meter is read by logical names, and a short name was given');
  const { classId, name, attribute, selector } = reading;
  const reference = { classId, name, attribute };
  return selector === undefined ? reference : { ...reference, selection: selectionOf(selector) };
}
