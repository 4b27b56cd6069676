/** Charge points speak the one or the other, so that a server has both (security whitepaper of OCPP 1.6 ed. 2, A00.FR.315 f.). */
export const KEY_KINDS = ['ecdsa', 'rsa'] as const;

export type KeyKind = (typeof KEY_KINDS)[number];

/** A certificate with its key, as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}
