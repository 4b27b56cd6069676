import { SmxError, type ErrorCode } from '@smx-edge/model';
import type { LineReason } from './types.js';

/** Why an attempt failed or a connection ended, with a sentence that says what to do. */
export class LineFault extends SmxError {
  constructor(
    readonly reason: LineReason,
    message: string,
    cause?: unknown,
  ) {
    super(CODE_OF_REASON[reason] ?? 'SMX_TRANSPORT_CONNECT', message, { cause });
  }
}

const CODE_OF_REASON: Partial<Record<LineReason, ErrorCode>> = {
  absent: 'SMX_TRANSPORT_ABSENT',
  busy: 'SMX_TRANSPORT_BUSY',
  permission: 'SMX_TRANSPORT_PERMISSION',
  idle: 'SMX_TRANSPORT_IDLE',
  closed: 'SMX_TRANSPORT_CLOSED',
};

const REASON_OF_CODE: Readonly<Record<string, LineReason>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ESOCKETTIMEDOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  ECONNABORTED: 'closed',
  EACCES: 'permission',
  EPERM: 'permission',
  ERR_ACCESS_DENIED: 'permission',
  ENOENT: 'absent',
  ENODEV: 'absent',
  ENXIO: 'absent',
  EADDRINUSE: 'busy',
  EBUSY: 'busy',
  SMX_TRANSPORT_ABSENT: 'absent',
  SMX_TRANSPORT_BUSY: 'busy',
  SMX_TRANSPORT_PERMISSION: 'permission',
  SMX_TRANSPORT_CLOSED: 'closed',
  CERT_HAS_EXPIRED: 'tls-expired',
  CERT_NOT_YET_VALID: 'tls-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-host',
  HOSTNAME_MISMATCH: 'tls-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  CERT_SIGNATURE_FAILURE: 'tls-untrusted',
  CERT_UNTRUSTED: 'tls-untrusted',
  CERT_REJECTED: 'tls-untrusted',
  CERT_REVOKED: 'tls-untrusted',
  INVALID_CA: 'tls-untrusted',
  INVALID_PURPOSE: 'tls-untrusted',
};

const ADVICE: Readonly<Partial<Record<LineReason, string>>> = {
  dns: 'the name of the host is not known; check its spelling and the name server',
  refused: 'nothing listens on that port; check the port and that the service runs',
  unreachable: 'there is no way to that address; check address, cable and network',
  timeout: 'no answer in time; check address, firewall and that the device is on',
  tls: 'no TLS connection came about; check that the port speaks TLS, and certificate and key',
  'tls-untrusted': 'the certificate is not signed by a trusted authority; give it as ca',
  'tls-expired': 'the certificate is expired or not yet valid; renew it, or set the clock of this box',
  'tls-host': 'the certificate is for another name; correct the host or give servername',
  permission:
    'access is denied; check the rights of the device or file (group dialout) and the permissions of the extension',
  absent: 'it is not there; check that it is plugged in and the path is right',
  busy: 'it is in use by another',
  closed: 'the other side closed the connection',
};

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string' && error.code in REASON_OF_CODE) return error.code;
  // several addresses of one name were tried: each has its own error
  if ('errors' in error && Array.isArray(error.errors)) {
    for (const one of error.errors) {
      const code = codeOf(one);
      if (code !== undefined) return code;
    }
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Any error of a socket, file or port as a fault with one of the known reasons. */
export function faultOf(error: unknown, label: string): LineFault {
  if (error instanceof LineFault) return error;
  const code = codeOf(error);
  const tls = code !== undefined && /^(ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/.test(code) ? 'tls' : undefined;
  const reason = (code === undefined ? undefined : REASON_OF_CODE[code]) ?? tls ?? 'failed';
  const own = error instanceof Error && error.message !== '' ? error.message : String(error);
  const advice = ADVICE[reason];
  return new LineFault(
    reason,
    advice === undefined ? `${label}: ${own}` : `${label}: ${advice} (${code ?? own})`,
    error,
  );
}
