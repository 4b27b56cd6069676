const AUTHORITY = 'its certificate is of no authority that this box trusts; give that one in tls.backend-ca';

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it hung up',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'no name server answers',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ETIMEDOUT: 'it does not answer',
  EPROTO: 'it speaks no TLS that this box speaks; is it ws:// in place of wss://?',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
};

/** Why a back end was not reached, for the operator; undefined where only its code can be told. */
export function backEndFault(code: string): string | undefined {
  const why = WHY[code];
  return why === undefined ? undefined : `${why} (${code})`;
}
