import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

/** How an APDU is ciphered: under the global key, a dedicated one, or with the sender named before it. */
export type Ciphering = 'glo' | 'ded' | 'general-glo' | 'general-ded';

const GENERAL_GLO = 0xdb;
const GENERAL_DED = 0xdc;

/** Tags of ciphered APDUs by those of plain ones (Green Book §9.5, `COSEMpdu`). */
const GLO: ReadonlyMap<number, number> = new Map([
  [0x01, 0x21],
  [0x08, 0x28],
  [0x05, 0x25],
  [0x0c, 0x2c],
  [0xc0, 0xc8],
  [0xc1, 0xc9],
  [0xc3, 0xcb],
  [0xc4, 0xcc],
  [0xc5, 0xcd],
  [0xc7, 0xcf],
]);
const DED: ReadonlyMap<number, number> = new Map([
  [0xc0, 0xd0],
  [0xc1, 0xd1],
  [0xc3, 0xd3],
  [0xc4, 0xd4],
  [0xc5, 0xd5],
  [0xc7, 0xd7],
]);
const PLAIN = new Map<number, readonly [tag: number, ciphering: Ciphering]>([
  ...[...GLO].map(([plain, tag]) => [tag, [plain, 'glo']] as const),
  ...[...DED].map(([plain, tag]) => [tag, [plain, 'ded']] as const),
] as readonly (readonly [number, readonly [number, Ciphering]])[]);

export interface CipheredApdu {
  readonly ciphering: Ciphering;
  /** Tag of the plain APDU, where the outer tag tells it. */
  readonly plainTag?: number;
  /** System title of the sender, where it stands before the text. */
  readonly title?: Uint8Array;
  /** See `open`. */
  readonly text: Uint8Array;
}

/** Puts the tag of a plain APDU's ciphered form before its text. */
export function wrapCiphered(plainTag: number, text: Uint8Array, ciphering: 'glo' | 'ded'): Uint8Array {
  const tag = (ciphering === 'glo' ? GLO : DED).get(plainTag) ?? malformed(`no ${ciphering} form of ${plainTag}`);
  return new ByteWriter(text.length + 6).u8(tag).counted(text).done();
}

export function wrapGeneral(title: Uint8Array, text: Uint8Array, ciphering: 'general-glo' | 'general-ded'): Uint8Array {
  const tag = ciphering === 'general-glo' ? GENERAL_GLO : GENERAL_DED;
  return new ByteWriter(text.length + 16).u8(tag).counted(title).counted(text).done();
}

/** Undefined for an APDU that is not ciphered. Throws SMX_PROTOCOL_APDU. */
export function unwrapCiphered(bytes: Uint8Array): CipheredApdu | undefined {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  if (tag === GENERAL_GLO || tag === GENERAL_DED) {
    const title = reader.octets(reader.length());
    const text = reader.octets(reader.length());
    return { ciphering: tag === GENERAL_GLO ? 'general-glo' : 'general-ded', title, text };
  }
  const known = PLAIN.get(tag);
  if (known === undefined) return undefined;
  return { ciphering: known[1], plainTag: known[0], text: reader.octets(reader.length()) };
}
