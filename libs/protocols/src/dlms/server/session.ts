import {
  capabilities,
  decodeApdu,
  encodeLnResponse,
  encodeReadResponse,
  encodeRelease,
  hlsProof,
  hlsProves,
  type Apdu,
  type Data,
  type GetResult,
  type HlsExchange,
} from '../../cosem/index.js';
import type { ApduCipher } from '../cipher.js';
import { tried } from '../fault.js';
import { GeneralSender } from '../transfer/general-sender.js';
import { acceptance, type Accepted } from './acceptance.js';
import { Directory } from './directory.js';
import { DENIED } from './object.js';
import type { MeterAssociation } from './options.js';
import { Reader } from './reader.js';
import { cipherRefusal, exception } from './refusal.js';

const RLRQ = 0x62;
const GENERAL_BLOCK = 0xe0;
const CIPHER_OVERHEAD = 40;
const GENERAL_OVERHEAD = 10;
const HLS_REPLY_SHORT_NAME = 0xfa58;

/** A meter's end of an association with one client: APDU in, APDUs out. Nothing is ever set, written or done to an object. */
export class MeterSession {
  private accepted: Accepted | undefined;
  private exchange: HlsExchange | undefined;
  private reader: Reader | undefined;
  private general: GeneralSender | undefined;
  private readonly directory: Directory;

  constructor(private readonly terms: MeterAssociation) {
    this.directory = new Directory(terms.objects, terms.referencing);
  }

  /** Forgets the association, as where the link goes. */
  reset(): void {
    this.accepted = undefined;
    this.exchange = undefined;
    this.reader = undefined;
    this.general = undefined;
  }

  /** What the client's APDU is answered with; several where general blocks are sent in a row. */
  answer(bytes: Uint8Array): Uint8Array[] {
    if (bytes[0] === RLRQ) {
      this.reset();
      return [encodeRelease({ apdu: 'rlre', reason: 0 })];
    }
    const { cipher, maxPdu = 0 } = this.accepted ?? {};
    if (bytes[0] === GENERAL_BLOCK) return this.blocks(bytes);
    const opened: ReturnType<ApduCipher['open']> = cipher?.open(bytes) ?? { plain: bytes };
    if ('fault' in opened) return [cipherRefusal(opened.fault)];
    const apdu = tried('SMX_PROTOCOL_APDU', () => decodeApdu(opened.plain));
    // unknown, and not supported
    if (apdu instanceof Error) return [exception(2, 2)];
    const plain = this.service(apdu);
    // answered as it was asked
    const answer = opened.ciphering === undefined ? plain : (cipher?.protect(plain, opened.ciphering) ?? plain);
    if (maxPdu === 0 || answer.length <= maxPdu || !this.can('general-block-transfer')) return [answer];
    this.general = new GeneralSender(answer, Math.max(1, maxPdu - GENERAL_OVERHEAD));
    return this.general.begin();
  }

  private service(apdu: Apdu): Uint8Array {
    if (apdu.apdu === 'aarq') return this.associate(apdu);
    const { reader } = this;
    if (this.exchange !== undefined) return this.proven(apdu, this.exchange);
    if (reader === undefined) return exception(1, 1);
    switch (apdu.apdu) {
      case 'get-request':
        return this.can('get') ? reader.get(apdu) : exception(1, 2);
      case 'read-request':
        return this.can('read') ? reader.read(apdu) : exception(1, 2);
      case 'set-request':
        return encodeLnResponse({ apdu: 'set-response', type: 'normal', invoke: apdu.invoke, result: DENIED });
      case 'action-request':
        return encodeLnResponse({ apdu: 'action-response', type: 'normal', invoke: apdu.invoke, result: DENIED });
      default:
        return exception(2, 2);
    }
  }

  private associate(aarq: Apdu & { apdu: 'aarq' }): Uint8Array {
    this.reset();
    const accepted = acceptance(aarq, this.terms);
    if (!('conformance' in accepted)) return accepted.aare;
    this.accepted = accepted;
    this.exchange = accepted.exchange;
    const { maxPdu, cipher } = accepted;
    const isBlocked = maxPdu > 0 && this.can('block-transfer-get-read');
    const longest = isBlocked ? maxPdu - (cipher === undefined ? 0 : CIPHER_OVERHEAD) : Infinity;
    this.reader = new Reader(this.directory, longest);
    return accepted.aare;
  }

  /** Takes the client's proof and gives the meter's; a wrong one ends the association. */
  private proven(apdu: Apdu, exchange: HlsExchange): Uint8Array {
    const asked = proofIn(apdu);
    if (asked === undefined) return exception(1, 1);
    const isProven = asked.type === 'octet-string' && hlsProves(exchange, 'client', asked.value);
    if (isProven) this.exchange = undefined;
    else this.reset();
    const counter = isProven && exchange.mechanism === 5 ? (this.terms.security?.counter.next() ?? 0) : 0;
    const result: GetResult = isProven
      ? { data: { type: 'octet-string', value: hlsProof(exchange, 'server', counter) } }
      : { error: DENIED };
    if (apdu.apdu !== 'action-request') return encodeReadResponse({ apdu: 'read-response', list: [result] });
    const head = { apdu: 'action-response', type: 'normal', invoke: apdu.invoke } as const;
    return encodeLnResponse(isProven ? { ...head, result: 0, returned: result } : { ...head, result: DENIED });
  }

  private blocks(bytes: Uint8Array): Uint8Array[] {
    const block = tried('SMX_PROTOCOL_APDU', () => decodeApdu(bytes));
    if (block instanceof Error || block.apdu !== 'general-block-transfer' || this.general === undefined)
      return [exception(1, 1)];
    return this.general.take(block);
  }

  private can(capability: 'get' | 'read' | 'block-transfer-get-read' | 'general-block-transfer'): boolean {
    return capabilities(this.accepted?.conformance ?? 0).has(capability);
  }
}

/** Undefined where the request is no reply_to_HLS_authentication. */
function proofIn(apdu: Apdu): Data | undefined {
  if (apdu.apdu === 'action-request') {
    const { classId, method } = apdu.method;
    return classId === 15 && method === 1 ? apdu.parameters : undefined;
  }
  const [first] = apdu.apdu === 'read-request' ? apdu.list : [];
  return first !== undefined && 'name' in first && first.name === HLS_REPLY_SHORT_NAME
    ? first.selection?.parameters
    : undefined;
}
