import type { Apdu, GetResult } from '../../cosem/index.js';
import { errorText, tried } from '../fault.js';
import { Assembly } from '../transfer/assembly.js';
import type { Dialect } from './dialect.js';
import type { Reading } from './reading.js';
import type { ReadFault } from './step.js';

export interface ReadLimits {
  /** Most attributes in one request; 1 where the meter takes no lists. */
  readonly list: number;
  /** Longest request, bytes. */
  readonly request: number;
  /** Longest answer in blocks, bytes. */
  readonly answer: number;
  /** Whether a block may come twice. */
  readonly doubles: boolean;
}

export type ReadOutcome =
  { readonly send: Uint8Array } | { readonly results: readonly GetResult[] } | { readonly fault: ReadFault } | 'other';

/** One read from its first request to the last block of its last answer. APDUs in plain. */
export class ReadJob {
  private readonly results: GetResult[] = [];
  private batch = 0;
  private assembly: Assembly | undefined;
  private longestList: number;

  constructor(
    private readonly readings: readonly Reading[],
    private readonly dialect: Dialect,
    private readonly limits: ReadLimits,
  ) {
    this.longestList = limits.list;
  }

  /** Whether its lists were refused as a whole; undefined where none was asked. */
  get isListRefused(): boolean | undefined {
    if (this.longestList < this.limits.list) return true;
    return this.readings.length > 1 && this.limits.list > 1 ? false : undefined;
  }

  /** The next request: as many attributes as one takes. */
  begin(): Uint8Array {
    const at = this.results.length;
    const left = this.readings.length - at;
    let batch = Math.min(this.longestList, left);
    let request = this.dialect.request(this.readings.slice(at, at + batch));
    while (request.length > this.limits.request && batch > 1) {
      batch = Math.max(1, Math.min(batch - 1, Math.floor((batch * this.limits.request) / request.length)));
      request = this.dialect.request(this.readings.slice(at, at + batch));
    }
    this.batch = batch;
    this.assembly = undefined;
    return request;
  }

  take(apdu: Apdu): ReadOutcome {
    if (apdu.apdu === 'exception-response' || apdu.apdu === 'confirmed-service-error')
      return this.alone() ?? { fault: { why: 'refused', error: errorText(apdu) } };
    const reply = this.dialect.reply(apdu);
    if (reply === 'other' || 'fault' in reply) return reply;
    return 'results' in reply ? this.answered(reply.results) : this.block(reply);
  }

  /** Takes an answer that cannot be understood: a refusal of the list as a whole, of meters that write it wrongly. */
  takeMalformed(detail: string): ReadOutcome {
    return this.alone() ?? { fault: { why: 'malformed', detail } };
  }

  /** Asks one by one where a list was refused as a whole; undefined where it was none, or is answered already. */
  private alone(): ReadOutcome | undefined {
    if (this.batch === 1 || this.assembly !== undefined) return undefined;
    this.longestList = 1;
    return { send: this.begin() };
  }

  private block({ block, last, raw }: { block: number; last: boolean; raw: Uint8Array }): ReadOutcome {
    const assembly = (this.assembly ??= new Assembly(this.limits.answer));
    const { expected } = assembly;
    if (this.limits.doubles && block > 0 && block === expected - 1) return 'other';
    // an empty block that is not the last would go on for ever
    if (block !== expected || (raw.length === 0 && !last)) return { fault: { why: 'block', expected, got: block } };
    if (!assembly.add(raw)) return { fault: { why: 'long', limit: this.limits.answer } };
    if (!last) return { send: this.dialect.next(block) };
    const results = tried('SMX_PROTOCOL_APDU', () => this.dialect.whole(assembly.whole(), this.batch));
    return results instanceof Error ? { fault: { why: 'malformed', detail: results.message } } : this.answered(results);
  }

  private answered(results: readonly GetResult[]): ReadOutcome {
    const { batch } = this;
    const [first] = results;
    if (results.length === 1 && first !== undefined && 'error' in first) {
      const again = this.alone();
      if (again !== undefined) return again;
    }
    if (results.length !== batch)
      return { fault: { why: 'mismatch', detail: `${results.length} results of ${batch} that were asked` } };
    this.results.push(...results);
    return this.results.length === this.readings.length ? { results: this.results } : { send: this.begin() };
  }
}
