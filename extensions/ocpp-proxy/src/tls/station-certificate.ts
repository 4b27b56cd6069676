import type { PeerCertificate } from 'node:tls';

/**
 * Whether a verified client certificate is of this charge point: its common name, or its serial number in the subject, is the
 * identity (security whitepaper of OCPP 1.6 ed. 2, A00.FR.413; 2.0.1 part 2 A00.FR.413).
 */
export function isOfStation({ subject }: Partial<Pick<PeerCertificate, 'subject'>>, identity: string): boolean {
  // a certificate without a subject has none of them
  const { CN, serialNumber } = (subject ?? {}) as { readonly CN?: unknown; readonly serialNumber?: unknown };
  return [CN, serialNumber].flat().includes(identity);
}
