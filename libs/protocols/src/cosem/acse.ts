import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

export const AARQ = 0x60;
export const AARE = 0x61;
export const RLRQ = 0x62;
export const RLRE = 0x63;

/** Application context: how objects are named, and whether APDUs may be ciphered (Green Book §9.4.2.2.2). */
export type ApplicationContext = 'LN' | 'SN' | 'LN_CIPHERED' | 'SN_CIPHERED';
const CONTEXTS: readonly ApplicationContext[] = ['LN', 'SN', 'LN_CIPHERED', 'SN_CIPHERED'];

/** 2.16.756.5.8, the arc of the DLMS UA, and below it 1 for contexts, 2 for mechanisms. */
const ARC = [0x60, 0x85, 0x74, 0x05, 0x08] as const;
const CONTEXT_ARC = 1;
const MECHANISM_ARC = 2;

/** 0 lowest (none), 1 LLS, 2 HLS of the maker, 3 MD5, 4 SHA-1, 5 GMAC, 6 SHA-256, 7 ECDSA. */
export type Mechanism = number;

interface Association {
  readonly context: ApplicationContext;
  /** System title of the sender, 8 bytes. */
  readonly title?: Uint8Array;
  readonly mechanism?: Mechanism;
  /** Password or challenge. */
  readonly authentication?: Uint8Array;
  /** The initiate APDU, ciphered or not. */
  readonly userInformation?: Uint8Array;
}

export interface Aarq extends Association {
  readonly apdu: 'aarq';
}

export interface Aare extends Association {
  readonly apdu: 'aare';
  /** 0 accepted, 1 rejected for good, 2 rejected for now. */
  readonly result: number;
  readonly source: 'user' | 'provider';
  /** Of the user: 1 no reason, 11 mechanism unknown, 13 failed, 14 required, and so on (Green Book §9.4.2). */
  readonly diagnostic: number;
}

export interface Release {
  readonly apdu: 'rlrq' | 'rlre';
  readonly reason?: number;
  readonly userInformation?: Uint8Array;
}

export type AcseApdu = Aarq | Aare | Release;

const tlv = (tag: number, content: Uint8Array): Uint8Array => new ByteWriter().u8(tag).counted(content).done();
const oid = (arc: number, last: number): Uint8Array => Uint8Array.of(0x06, 7, ...ARC, arc, last);
/** ACSE requirements: the authentication unit, one bit. */
const REQUIREMENTS = Uint8Array.of(0x07, 0x80);

export function encodeAarq({ context, title, mechanism, authentication, userInformation }: Aarq): Uint8Array {
  const writer = new ByteWriter();
  writer.octets(tlv(0xa1, oid(CONTEXT_ARC, CONTEXTS.indexOf(context) + 1)));
  if (title !== undefined) writer.octets(tlv(0xa6, tlv(0x04, title)));
  if (mechanism !== undefined) {
    writer.octets(tlv(0x8a, REQUIREMENTS));
    writer.octets(tlv(0x8b, oid(MECHANISM_ARC, mechanism).subarray(2)));
  }
  if (authentication !== undefined) writer.octets(tlv(0xac, tlv(0x80, authentication)));
  if (userInformation !== undefined) writer.octets(tlv(0xbe, tlv(0x04, userInformation)));
  return tlv(AARQ, writer.done());
}

export function encodeAare(aare: Aare): Uint8Array {
  const { context, title, mechanism, authentication, userInformation, result, source, diagnostic } = aare;
  const integer = (value: number): Uint8Array => Uint8Array.of(0x02, 1, value);
  const writer = new ByteWriter();
  writer.octets(tlv(0xa1, oid(CONTEXT_ARC, CONTEXTS.indexOf(context) + 1)));
  writer.octets(tlv(0xa2, integer(result)));
  writer.octets(tlv(0xa3, tlv(source === 'user' ? 0xa1 : 0xa2, integer(diagnostic))));
  if (title !== undefined) writer.octets(tlv(0xa4, tlv(0x04, title)));
  if (mechanism !== undefined) {
    writer.octets(tlv(0x88, REQUIREMENTS));
    writer.octets(tlv(0x89, oid(MECHANISM_ARC, mechanism).subarray(2)));
  }
  if (authentication !== undefined) writer.octets(tlv(0xaa, tlv(0x80, authentication)));
  if (userInformation !== undefined) writer.octets(tlv(0xbe, tlv(0x04, userInformation)));
  return tlv(AARE, writer.done());
}

export function encodeRelease({ apdu, reason, userInformation }: Release): Uint8Array {
  const writer = new ByteWriter();
  if (reason !== undefined) writer.octets(tlv(0x80, Uint8Array.of(reason)));
  if (userInformation !== undefined) writer.octets(tlv(0xbe, tlv(0x04, userInformation)));
  return tlv(apdu === 'rlrq' ? RLRQ : RLRE, writer.done());
}

/**
 * An APDU of the association, as meters write it: the lengths of the whole and of the user information are not believed
 * where they are too small, and a protocol version is taken. Throws SMX_PROTOCOL_APDU.
 */
export function decodeAcse(bytes: Uint8Array): AcseApdu {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  reader.length();
  const fields = fieldsOf(reader);
  const userInformation = optional('userInformation', fields.get(0xbe));
  if (tag === RLRQ || tag === RLRE) {
    const reason = optional('reason', fields.get(0x80)?.at(-1));
    return { apdu: tag === RLRQ ? 'rlrq' : 'rlre', ...reason, ...userInformation };
  }
  if (tag !== AARQ && tag !== AARE) malformed(`the tag ${tag} is of no association`);
  const isRequest = tag === AARQ;
  const context =
    CONTEXTS[(fields.get(0xa1)?.at(-1) ?? 0) - 1] ?? malformed('an application context that is not known');
  const rest = {
    context,
    ...optional('title', inner(fields.get(isRequest ? 0xa6 : 0xa4))),
    ...optional('mechanism', fields.get(isRequest ? 0x8b : 0x89)?.at(-1)),
    ...optional('authentication', inner(fields.get(isRequest ? 0xac : 0xaa))),
    ...userInformation,
  };
  if (isRequest) return { apdu: 'aarq', ...rest };
  const result = fields.get(0xa2)?.at(-1) ?? malformed('an association without a result');
  const diagnostics = fields.get(0xa3);
  return {
    ...{ apdu: 'aare', ...rest, result },
    source: diagnostics?.[0] === 0xa2 ? 'provider' : 'user',
    diagnostic: diagnostics?.at(-1) ?? 0,
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

/** Content of fields by tag. The user information is the last and takes what is left. */
function fieldsOf(reader: ByteReader): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  while (reader.left > 0) {
    const tag = reader.u8();
    const length = reader.length();
    if (tag !== 0xbe) {
      fields.set(tag, reader.octets(length));
      continue;
    }
    if (reader.u8() !== 0x04) malformed('user information that is no octet string');
    reader.length();
    fields.set(tag, reader.rest());
  }
  return fields;
}

/** Content of the one field within another. */
function inner(field: Uint8Array | undefined): Uint8Array | undefined {
  if (field === undefined) return undefined;
  const reader = new ByteReader(field);
  reader.u8();
  return reader.octets(reader.length());
}
