import type { RelaySettings } from '../settings.js';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is taken by another program; end that one or give another port in listen',
  EACCES: 'this box may not use it; give a port above 1023 in listen',
  EADDRNOTAVAIL: 'this box has no such address; give one of its own, or 0.0.0.0, in listen',
  ENOTFOUND: 'there is no such name; give an address of this box in listen',
};

/** Why charge points cannot dial in, for the operator. */
export function portFault(error: unknown, { host, port }: RelaySettings['listen']): string {
  const code = codeOf(error);
  return `port ${port} at ${host} cannot be listened at: ${WHY[code] ?? code}`;
}

/** As Node names it, or what was said. */
export function codeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : typeof message === 'string' ? message : String(error);
}
