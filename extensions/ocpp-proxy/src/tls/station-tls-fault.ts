const NO_TRUST = 'it does not trust this box; the call certificates tells what it has to trust';
const TOO_OLD = 'it speaks an old TLS only; tls.legacy: true takes that';

const WHY: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'it shows no certificate, and tls.station-ca asks for one',
  ERR_SSL_UNSUPPORTED_PROTOCOL: TOO_OLD,
  ERR_SSL_VERSION_TOO_LOW: TOO_OLD,
  ERR_SSL_NO_SHARED_CIPHER: 'it speaks no suite for the certificates here; have one for RSA and one for ECDSA',
  ERR_SSL_HTTP_REQUEST: 'it speaks no TLS; have it dial wss:// in place of ws://',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: NO_TRUST,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: NO_TRUST,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: NO_TRUST,
};

/** Why a charge point could not open TLS, for the operator: what is known to help, else in the words of the library. */
export function stationTlsFault(error: Error & { readonly code?: string; readonly reason?: string }): string {
  const why = error.code === undefined ? undefined : WHY[error.code];
  return why ?? error.reason ?? error.message;
}
