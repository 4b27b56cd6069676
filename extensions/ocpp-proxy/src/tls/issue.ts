// first of all: what reads certificates takes its annotations from it
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { KEY_KINDS, type Issued, type KeyKind } from './issued.js';

type Keys = webcrypto.CryptoKeyPair;

/** By the security whitepaper of OCPP 1.6 ed. 2, A00.FR.502 f. and 2.0.1 part 2 A00.FR.505 ff.: RSA of 2,048 bits, P-256, SHA-256. */
const GENERATE = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;
const SIGN = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ecdsa: { name: 'ECDSA', hash: 'SHA-256' },
} as const;

/** An RSA key of a suite without forward secrecy deciphers as well. */
const USAGE = {
  rsa: new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
  ecdsa: new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
};

const YEAR = 365 * 86_400_000;
const AUTHORITY_FOR = 20 * YEAR;
export const SERVER_FOR = 2 * YEAR;
/** Clocks of charge points that have just been started are behind. */
const BEFORE = 86_400_000;
/** Earlier no clock is right: one that is not set yet may be at 1970. */
const EARLIEST = Date.UTC(2026, 0, 1);

cryptoProvider.set(webcrypto as never);

/** An authority for each kind of key; `owner` tells whose in its name. */
export async function issueAuthorities(owner: string, now: number): Promise<Record<KeyKind, Issued>> {
  const made = await Promise.all(
    KEY_KINDS.map(async (kind): Promise<[KeyKind, Issued]> => {
      const keys = await generate(kind);
      const certificate = await X509CertificateGenerator.createSelfSigned({
        ...{ keys, signingAlgorithm: SIGN[kind], ...span(now, AUTHORITY_FOR) },
        name: nameOf(`SMX Edge charge point authority ${owner} ${kind.toUpperCase()}`),
        extensions: [
          new BasicConstraintsExtension(true, 0, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
          await SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return [kind, await issued(certificate, keys)];
    }),
  );
  return Object.fromEntries(made) as Record<KeyKind, Issued>;
}

/** A server certificate of `authority` for these DNS names and addresses; the first is its common name. */
export async function issueServer(kind: KeyKind, authority: Issued, wish: ServerWish): Promise<Issued> {
  const { names, now } = wish;
  const keys = await generate(kind);
  const issuer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    ...{ publicKey: keys.publicKey, signingAlgorithm: SIGN[kind], ...span(now, SERVER_FOR) },
    subject: nameOf(names[0]!),
    issuer: issuer.subject,
    signingKey: await importKey(kind, authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      USAGE[kind],
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return issued(certificate, keys);
}

export interface ServerWish {
  readonly names: readonly string[];
  /** ms UTC. */
  readonly now: number;
}

const generate = (kind: KeyKind): Promise<Keys> =>
  webcrypto.subtle.generateKey(GENERATE[kind], true, ['sign', 'verify']);

const importKey = (kind: KeyKind, pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), GENERATE[kind], false, ['sign']);

/** Its organisation tells it from a certificate of the back end (OCPP 2.1 part 4 §6.5). */
const nameOf = (commonName: string): string => `CN=${quoted(commonName)}, O=SMX Edge Local Controller`;

/** RFC 4514 §2.4; a common name has 64 characters at most (RFC 5280 appendix A.1). */
const quoted = (text: string): string => text.slice(0, 64).replaceAll(/[",+<>;=\\#]/g, '\\$&');

function span(now: number, length: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const from = Math.max(now, EARLIEST);
  // positive, at most 20 bytes (RFC 5280 §4.1.2.2)
  const serialNumber = `01${randomBytes(15).toString('hex')}`;
  return { serialNumber, notBefore: new Date(from - BEFORE), notAfter: new Date(from + length) };
}

async function issued(certificate: X509Certificate, { privateKey }: Keys): Promise<Issued> {
  const key = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return { certificate: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}
