import { ERROR_CODES, SmxError, type ErrorCode } from '@smx-edge/model';

/** How far a connection had come. */
export type Phase = 'dns' | 'tcp' | 'tls' | 'mqtt';

/** An error of a link: what happened, then what to do about it. */
export function linkFault(code: ErrorCode, what: string, cause?: unknown): SmxError {
  return new SmxError(code, `${what}. ${ERROR_CODES[code].help}`, cause === undefined ? {} : { cause });
}

/** Codes of Node and OpenSSL by what is to be done about them. */
const STREAM_CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, 'SMX_LINK_DNS'],
  [/^ECONNREFUSED$/, 'SMX_LINK_REFUSED'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'SMX_LINK_UNREACHABLE'],
  [/^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|CRL_HAS_EXPIRED)$/, 'SMX_LINK_TLS_EXPIRED'],
  [/^ERR_TLS_CERT_ALTNAME/, 'SMX_LINK_TLS_HOST'],
  [/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_(UNTRUSTED|REVOKED|SIGNATURE|CHAIN)|INVALID_CA/, 'SMX_LINK_TLS_CA'],
  [/^ERR_SSL_.*ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE)/, 'SMX_LINK_TLS'],
  [/^ERR_SSL_.*ALERT/, 'SMX_LINK_TLS_CLIENT'],
  [/^(ERR_OSSL|ERR_CRYPTO|ERR_TLS_CERT|KEY_VALUES|ERR_SSL_.*(KEY|CERT))/, 'SMX_LINK_TLS_CLIENT'],
  [/^(ERR_SSL|ERR_TLS|EPROTO)/, 'SMX_LINK_TLS'],
];

/** What an error of the socket or of TLS means; a reset is a matter of how far the connection had come. */
export function streamFault(error: Error | undefined, phase: Phase): SmxError {
  const code = error !== undefined && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const text = error?.message || code || 'the connection was closed';
  const known = STREAM_CODES.find(([pattern]) => pattern.test(code))?.[1];
  // ws says it in words only
  if (/^Unexpected server response/.test(text))
    return linkFault('SMX_LINK_PROTOCOL', `no WebSocket there: ${text}`, error);
  const fallback: ErrorCode =
    phase === 'tls' ? 'SMX_LINK_TLS' : phase === 'mqtt' ? 'SMX_LINK_ENDED' : 'SMX_LINK_UNREACHABLE';
  return linkFault(known ?? fallback, text, error);
}

/** CONNACK return codes of 3.1.1 (OASIS MQTT 3.1.1 §3.2.2.3) and reason codes of 5.0 (OASIS MQTT 5.0 §2.4). */
const REASONS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  1: ['SMX_LINK_VERSION', 'the broker refuses this MQTT version'],
  2: ['SMX_LINK_AUTH', 'the broker refuses the client id'],
  3: ['SMX_LINK_QUOTA', 'the broker says it is not available'],
  4: ['SMX_LINK_AUTH', 'the broker refuses user name or password'],
  5: ['SMX_LINK_AUTH', 'the broker does not authorise this login'],
  0x82: ['SMX_LINK_PROTOCOL', 'the broker found a protocol error'],
  0x84: ['SMX_LINK_VERSION', 'the broker refuses this MQTT version'],
  0x85: ['SMX_LINK_AUTH', 'the broker refuses the client id'],
  0x86: ['SMX_LINK_AUTH', 'the broker refuses user name or password'],
  0x87: ['SMX_LINK_AUTH', 'the broker does not authorise this login'],
  0x88: ['SMX_LINK_QUOTA', 'the broker says it is not available'],
  0x89: ['SMX_LINK_QUOTA', 'the broker is busy'],
  0x8a: ['SMX_LINK_AUTH', 'the broker has banned this client'],
  0x8b: ['SMX_LINK_ENDED', 'the broker is shutting down'],
  0x8c: ['SMX_LINK_AUTH', 'the broker wants another way to authenticate'],
  0x8d: ['SMX_LINK_SILENT', 'the broker heard nothing in the keep-alive time'],
  0x8e: ['SMX_LINK_TAKEN', 'another client with the same client id came'],
  0x93: ['SMX_LINK_QUOTA', 'too many messages at once for the broker'],
  0x95: ['SMX_LINK_PACKET', 'a message was too large for the broker'],
  0x96: ['SMX_LINK_QUOTA', 'messages come too fast for the broker'],
  0x97: ['SMX_LINK_QUOTA', 'a quota of the broker is used up'],
  0x98: ['SMX_LINK_ENDED', 'the operator of the broker ended the connection'],
  0x9c: ['SMX_LINK_ENDED', 'the broker asks to use another server'],
  0x9d: ['SMX_LINK_ENDED', 'the broker has moved'],
  0x9f: ['SMX_LINK_QUOTA', 'too many connections in a short time for the broker'],
};

/** What a refusing CONNACK or a DISCONNECT of the broker says. */
export function reasonFault(code: number): SmxError {
  const [known, what] = REASONS[code] ?? (['SMX_LINK_ENDED', 'the broker ended the connection'] as const);
  return linkFault(known, `${what} (reason 0x${code.toString(16).padStart(2, '0')})`);
}

/** What it means that nothing came in time. */
export function timeoutFault(phase: Phase, ms: number): SmxError {
  const time = `within ${ms / 1000} s`;
  if (phase === 'dns') return linkFault('SMX_LINK_DNS', `the name server gave no answer ${time}`);
  if (phase === 'tcp') return linkFault('SMX_LINK_UNREACHABLE', `no TCP connection ${time}`);
  if (phase === 'tls') return linkFault('SMX_LINK_SILENT', `no answer to the TLS handshake ${time}`);
  return linkFault('SMX_LINK_SILENT', `no CONNACK ${time}`);
}
