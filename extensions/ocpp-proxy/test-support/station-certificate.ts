import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, PemConverter, X509Certificate, X509CertificateGenerator } from '@peculiar/x509'; // prettier-ignore
import type { Issued } from '../src/tls/issued.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A client certificate of `authority`, as a maker puts it into a charge point. */
export async function stationCertificate(authority: Issued, commonName: string): Promise<Issued> {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const above = PemConverter.decodeFirst(authority.key);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: '07',
    subject: `CN=${commonName}`,
    issuer: new X509Certificate(authority.certificate).subject,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    publicKey,
    signingAlgorithm: ALGORITHM,
    signingKey: await webcrypto.subtle.importKey('pkcs8', above, ALGORITHM, false, ['sign']),
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
  return { certificate: certificate.toString('pem'), key };
}
