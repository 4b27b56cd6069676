import { SmxError } from '@smx-edge/model';
import {
  ByteReader,
  encodeRead,
  readData,
  readSnResults,
  type Apdu,
  type GetResult,
  type ReadResult,
  type ReadSpecification,
} from '../../cosem/index.js';
import { selectionOf } from '../selector.js';
import type { Dialect, Reply } from './dialect.js';
import type { Reading } from './reading.js';

/** Read, by short names. */
export class ShortNameDialect implements Dialect {
  request(readings: readonly Reading[]): Uint8Array {
    return encodeRead({ apdu: 'read-request', list: readings.map(specificationOf) });
  }

  next(block: number): Uint8Array {
    return encodeRead({ apdu: 'read-request', list: [{ block }] });
  }

  reply(apdu: Apdu): Reply {
    if (apdu.apdu !== 'read-response')
      return { fault: { why: 'mismatch', detail: `${apdu.apdu} in place of a read-response` } };
    const [first] = apdu.list;
    if (apdu.list.length === 1 && first !== undefined && 'raw' in first) return first;
    const results = apdu.list.filter(isResult);
    return results.length === apdu.list.length
      ? { results }
      : { fault: { why: 'mismatch', detail: 'a block among results' } };
  }

  whole(raw: Uint8Array, count: number): readonly GetResult[] {
    return listed(raw, count) ?? [{ data: readData(new ByteReader(raw)) }];
  }
}

const isResult = (result: ReadResult): result is GetResult => 'data' in result || 'error' in result;

/** Blocks carry the results with their count; of a single one some meters send the value alone, and it is told by its length. */
function listed(raw: Uint8Array, count: number): readonly GetResult[] | undefined {
  const reader = new ByteReader(raw);
  if (raw[0] !== count || (count === 1 && raw[1] !== 0 && raw[1] !== 1)) return undefined;
  const results = readSnResults(reader);
  return reader.left === 0 ? results.filter(isResult) : undefined;
}

function specificationOf(reading: Reading): ReadSpecification {
  if (!('shortName' in reading))
    throw new SmxError('SMX_PROTOCOL_ENCODE', 'This meter is read by short names, and a logical name was given');
  const { shortName: name, selector } = reading;
  return selector === undefined ? { name } : { name, selection: selectionOf(selector) };
}
