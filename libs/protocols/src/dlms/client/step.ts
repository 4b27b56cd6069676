import type { Capability, DataNotification, GetResult, Mechanism } from '../../cosem/index.js';

/** What was agreed with the meter. */
export interface Agreement {
  readonly conformance: ReadonlySet<Capability>;
  /** Longest PDU the meter takes, bytes; 0 = without bound. */
  readonly maxPdu: number;
  /** 7 by logical names, FA00 by short ones. */
  readonly vaaName: number;
  /** System title of the meter. */
  readonly title?: Uint8Array;
}

/** Why there is no association, or no longer. Each wants something else of the installer. */
export type AssociationFault =
  /** The meter does not answer. */
  | { readonly why: 'silent' }
  /** It wants no link, or gave it up. */
  | {
      readonly why: 'link';
      readonly by: 'DM' | 'FRMR' | 'RNR' | 'RR' | 'order' | 'limits' | 'llc' | 'length' | 'closed';
    }
  /** Wrong password or secret: meters lock, so nothing is tried again before the settings change. */
  | { readonly why: 'wrong-password' }
  /** The meter did not prove that it knows the secret: it may be another. */
  | { readonly why: 'meter-unproven' }
  /** The keys do not fit: a tag of the meter is wrong, or it could not decipher. As lasting as a wrong password. */
  | { readonly why: 'wrong-key'; readonly detail: string }
  /** What came behind answers of the meter under the same keys is under none of them. */
  | { readonly why: 'forged'; readonly detail: string }
  /** The meter has seen a higher counter of this client; `least`: the lowest it takes, where it says so. */
  | { readonly why: 'counter-fallen'; readonly least?: number }
  /** The meter's own counter did not rise: something recorded was played again. */
  | { readonly why: 'meter-counter-fallen'; readonly counter: number; readonly last: number }
  /** An answer in plain where the association wants it ciphered. */
  | { readonly why: 'not-ciphered' }
  /** Another reason of the meter, see `Aare`; `confirmed-service-error` and exceptions come as `refused`. */
  | {
      readonly why: 'rejected';
      readonly permanent: boolean;
      readonly source: 'user' | 'provider';
      readonly diagnostic: number;
      /** How the client has to prove itself, where the meter says so. */
      readonly mechanism?: Mechanism;
    }
  | { readonly why: 'refused'; readonly error: string }
  /** What came is not what the standard lets stand there. */
  | { readonly why: 'malformed'; readonly detail: string };

/** Why one read brought nothing; the association stands, and the next read may be asked at once. */
export type ReadFault =
  /** A block that is not the one expected, or one that is empty and not the last. */
  | { readonly why: 'block'; readonly expected: number; readonly got: number }
  /** The meter gave up: a Data-Access-Result in place of a block. */
  | { readonly why: 'aborted'; readonly result: number }
  /** The answer is longer than is taken. */
  | { readonly why: 'long'; readonly limit: number }
  /** An exception or confirmed-service-error in place of an answer. */
  | { readonly why: 'refused'; readonly error: string }
  /** An answer to something else, or of another number of results than was asked. */
  | { readonly why: 'mismatch'; readonly detail: string }
  | { readonly why: 'malformed'; readonly detail: string };

/** What came of bytes, of silence or of a call, in the order in which it is to be done. */
export type ClientStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'associated'; readonly agreement: Agreement }
  /** One result for each reading, in their order. */
  | { readonly kind: 'answer'; readonly results: readonly GetResult[] }
  | { readonly kind: 'failed'; readonly fault: ReadFault }
  /** The association is over as was asked, the link with it. */
  | { readonly kind: 'released' }
  /** There is no association now, and this client is done; another begins anew. */
  | { readonly kind: 'fault'; readonly fault: AssociationFault }
  /** What the meter sent unasked. */
  | { readonly kind: 'push'; readonly notification: DataNotification }
  /** Taken for nothing, and told for the counts of the line. */
  | { readonly kind: 'ignored'; readonly why: 'echo' | 'address' | 'order' | 'state' | 'invoke' };
