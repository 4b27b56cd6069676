import { timingSafeEqual } from 'node:crypto';
import {
  ByteWriter,
  conformanceBits,
  decodeApdu,
  encodeAare,
  writeInitiateResponse,
  type Aarq,
  type HlsExchange,
  type InitiateRequest,
} from '../../cosem/index.js';
import { ApduCipher, type CipherFault } from '../cipher.js';
import { tried } from '../fault.js';
import type { MeterAssociation } from './options.js';
import { cipherRefusal } from './refusal.js';

const BY_LN = 7;
const BY_SN = 0xfa00;
/** Diagnostics of an AARE (Green Book §9.4.2.3). */
const NO_REASON = 1;
const CONTEXT_UNKNOWN = 2;
const MECHANISM_UNKNOWN = 11;
const FAILED = 13;
const REQUIRED = 14;

/** What an AARQ came to; of one that is refused the answer alone, which may be an exception. */
export interface Accepted {
  readonly aare: Uint8Array;
  readonly conformance: number;
  /** Longest PDU the client takes; 0 = without bound. */
  readonly maxPdu: number;
  readonly cipher: ApduCipher | undefined;
  /** The client has to prove itself first. */
  readonly exchange: HlsExchange | undefined;
}

/** Answers an AARQ as a meter does. */
export function acceptance(aarq: Aarq, terms: MeterAssociation): Accepted | { readonly aare: Uint8Array } {
  const { referencing, authentication, security, title } = terms;
  const isCiphered = security !== undefined && (security.protection.authenticated || security.protection.encrypted);
  const context = isCiphered ? (`${referencing}_CIPHERED` as const) : referencing;
  const rejected = (diagnostic: number): { readonly aare: Uint8Array } => ({
    aare: encodeAare({ apdu: 'aare', context, result: 1, source: 'user', diagnostic, ...(title && { title }) }),
  });
  if (aarq.context !== context) return rejected(CONTEXT_UNKNOWN);
  if ((aarq.mechanism ?? 0) !== authentication.mechanism) return rejected(MECHANISM_UNKNOWN);
  if (authentication.mechanism === 1 && !isEqual(aarq.authentication, authentication.password)) return rejected(FAILED);
  const cipher =
    isCiphered && title !== undefined
      ? new ApduCipher(security, { own: title, other: aarq.title, last: security.clientCounter })
      : undefined;
  const initiate = initiateOf(aarq, cipher);
  if (initiate === undefined) return rejected(NO_REASON);
  if ('fault' in initiate) return { aare: cipherRefusal(initiate.fault) };
  if (initiate.dedicatedKey !== undefined) cipher?.dedicate(initiate.dedicatedKey);
  const conformance = initiate.conformance & conformanceBits(terms.conformance);
  const exchange = exchangeOf(aarq, terms);
  if (authentication.mechanism >= 2 && exchange === undefined) return rejected(REQUIRED);
  const { echoesTag = false, maxPdu } = terms;
  const shortTag = echoesTag && initiate.shortTag === true;
  const writer = new ByteWriter();
  writeInitiateResponse(writer, { conformance, maxPdu, vaaName: referencing === 'LN' ? BY_LN : BY_SN, shortTag });
  const answer = writer.done();
  const aare = encodeAare({
    ...{ apdu: 'aare', context, result: 0, source: 'user', diagnostic: exchange === undefined ? 0 : REQUIRED },
    ...(title && { title }),
    ...(exchange && { mechanism: exchange.mechanism, authentication: exchange.stoc }),
    userInformation: cipher?.protectInitiate(answer) ?? answer,
  });
  const isShrunk = echoesTag && !shortTag && cipher === undefined;
  return { aare: isShrunk ? shrunk(aare, answer) : aare, conformance, maxPdu: initiate.maxPdu, cipher, exchange };
}

/** With the lengths of the whole, of the user information that ends it and of its octet string one too small. */
function shrunk(aare: Uint8Array, information: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(aare);
  const inside = copy.length - information.length;
  // behind the tag, or behind the 81 of a length above 127
  const whole = copy[1] === 0x81 ? 2 : 1;
  for (const at of [whole, inside - 3, inside - 1]) copy[at]!--;
  return copy;
}

function initiateOf(
  { userInformation }: Aarq,
  cipher: ApduCipher | undefined,
): InitiateRequest | { fault: CipherFault } | undefined {
  if (userInformation === undefined) return undefined;
  const opened = cipher?.open(userInformation) ?? { plain: userInformation };
  if ('fault' in opened) return opened;
  const initiate = tried('SMX_PROTOCOL_APDU', () => decodeApdu(opened.plain));
  return initiate instanceof Error || initiate.apdu !== 'initiate-request' ? undefined : initiate;
}

function exchangeOf(
  { authentication: ctos, title: clientTitle }: Aarq,
  { authentication, security, title, challenge }: MeterAssociation,
): HlsExchange | undefined {
  const { mechanism } = authentication;
  if (mechanism < 2 || ctos === undefined || challenge === undefined) return undefined;
  const needsTitles = mechanism === 5 || mechanism === 6;
  if (needsTitles && (clientTitle?.length !== 8 || title?.length !== 8)) return undefined;
  return {
    ...{ mechanism, ctos, stoc: challenge() },
    ...(clientTitle && { clientTitle }),
    ...(title && { serverTitle: title }),
    ...('secret' in authentication ? { secret: authentication.secret } : {}),
    ...('maker' in authentication ? { maker: authentication.maker } : {}),
    ...(security && { keys: security.keys }),
  };
}

function isEqual(given: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return given?.length === wanted.length && timingSafeEqual(given, wanted);
}
