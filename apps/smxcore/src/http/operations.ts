import { COMMAND_OPERATIONS } from './commands/operations.js';
import { DATA_OPERATIONS } from './data-operations.js';
import { DESCRIPTIONS } from './description-operations.js';
import { LIST, type Operation } from './operation.js';
import { RECORD_OPERATIONS } from './record-operations.js';
import { SESSION_OPERATIONS } from './session/operations.js';

export { QUERY, type Operation } from './operation.js';

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/api/v1/points',
    id: 'listPoints',
    tag: 'points',
    summary: 'Points this principal may read, with their values in the granted form',
    query: ['match', ...LIST],
    answer: 'Point[]',
  },
  {
    method: 'GET',
    path: '/api/v1/points/{path+}',
    id: 'readPoint',
    tag: 'points',
    summary: 'One point; 404 for unknown and for not granted',
    answer: 'Point',
    errors: [404],
  },
  {
    method: 'GET',
    path: '/api/v1/devices',
    id: 'listDevices',
    tag: 'points',
    summary: 'Devices with a granted point',
    query: LIST,
    answer: 'Device[]',
  },
  {
    method: 'GET',
    path: '/api/v1/history',
    id: 'readHistory',
    tag: 'history',
    summary: 'History by point, streamed; CSV by Accept: text/csv',
    query: ['match', 'from', 'to', 'every', 'as'],
    answer: 'History',
    media: ['application/json', 'text/csv'],
    errors: [403],
  },
  {
    method: 'GET',
    path: '/api/v1/stream',
    id: 'stream',
    tag: 'points',
    summary:
      'Server-sent events: `sample` with path, v, t, q; first all values, then changes, the newest per point to a slow reader; `gone` with a path whose grant ended; `end` where the principal did',
    query: ['match'],
    answer: 'Sample',
    media: ['text/event-stream'],
  },
  ...RECORD_OPERATIONS,
  ...COMMAND_OPERATIONS,
  {
    method: 'GET',
    path: '/api/v1/extensions',
    id: 'listExtensions',
    tag: 'extensions',
    summary: 'Instances and their state',
    manage: 'extensions',
    query: LIST,
    answer: 'Instance[]',
  },
  {
    method: 'POST',
    path: '/api/v1/extensions/{id}/restart',
    id: 'restartExtension',
    tag: 'extensions',
    summary: 'Restarts an instance, also one in quarantine',
    manage: 'extensions',
    status: 202,
    answer: 'Accepted',
    errors: [404],
  },
  {
    method: 'POST',
    path: '/api/v1/extensions/{id}/calls/{name}',
    id: 'callExtension',
    tag: 'extensions',
    summary: 'A call that an instance offers; needs the grant `call`. The body is its arguments, the answer its result',
    body: 'Any',
    status: 200,
    answer: 'Any',
    errors: [404],
  },
  {
    method: 'GET',
    path: '/api/v1/links',
    id: 'listLinks',
    tag: 'links',
    summary: 'Links to outside brokers: their state and, where one is not on line, the reason and what to do',
    manage: 'links',
    query: LIST,
    answer: 'Link[]',
  },
  {
    method: 'GET',
    path: '/api/v1/extensions/{id}/capture',
    id: 'recordLine',
    tag: 'extensions',
    summary:
      'Raw bytes of a line of an instance as a capture, from now until the reader closes; at most 64 KiB a second where the line allows no more by itself, what is lost is said',
    manage: 'extensions',
    query: ['line'],
    media: ['text/plain'],
    errors: [404, 503],
  },
  {
    method: 'GET',
    path: '/api/v1/discover',
    id: 'listDiscoverable',
    tag: 'extensions',
    summary: 'Installed extensions and the serial ports of the box',
    manage: 'extensions',
    answer: 'Discoverable',
  },
  {
    method: 'POST',
    path: '/api/v1/discover',
    id: 'discover',
    tag: 'extensions',
    summary:
      'What an extension finds on a line: one JSON object per line, a `step` each, then `done` (false where it cannot tell) or `error`. One at a time',
    manage: 'extensions',
    body: 'DiscoverWish',
    media: ['application/x-ndjson'],
    errors: [404],
  },
  {
    method: 'GET',
    path: '/api/v1/tokens',
    id: 'listTokens',
    tag: 'tokens',
    summary: 'Tokens and their roles; never the tokens themselves',
    manage: 'tokens',
    query: LIST,
    answer: 'TokenRow[]',
  },
  {
    method: 'POST',
    path: '/api/v1/tokens',
    id: 'createToken',
    tag: 'tokens',
    summary: 'Makes a token, which is shown only in this answer',
    manage: 'tokens',
    body: 'TokenWish',
    status: 201,
    answer: 'Token',
    errors: [409],
  },
  {
    method: 'DELETE',
    path: '/api/v1/tokens/{name}',
    id: 'revokeToken',
    tag: 'tokens',
    summary: 'Ends a token; its streams and sessions end within a second',
    manage: 'tokens',
    status: 204,
    errors: [404],
  },
  ...SESSION_OPERATIONS,
  {
    method: 'GET',
    path: '/api/v1/grants',
    id: 'listRoles',
    tag: 'grants',
    summary: 'Roles and who acts under them',
    manage: 'grants',
    query: LIST,
    answer: 'Role[]',
  },
  {
    method: 'GET',
    path: '/api/v1/grants/{role}',
    id: 'showGrants',
    tag: 'grants',
    summary: 'What a role gets right now: points with values as it would see them, history, commands with bounds',
    manage: 'grants',
    answer: 'Grants',
    errors: [404],
  },
  {
    method: 'GET',
    path: '/api/v1/ledger',
    id: 'readLedger',
    tag: 'ledger',
    summary:
      'The ledger in order of number, streamed: logins, denials, grants, disclosures. Accept: application/x-ndjson gives a line per entry. For `smx ledger verify FILE` take `/api/v1/ledger/export`, which has keys and signed head too',
    manage: 'ledger',
    query: ['last', ...LIST],
    answer: 'LedgerEntry[]',
    media: ['application/json', 'application/x-ndjson'],
  },
  {
    method: 'GET',
    path: '/api/v1/ledger/verify',
    id: 'verifyLedger',
    tag: 'ledger',
    summary: 'Checks the whole ledger, load profiles and files of events: hash chains, signatures, seals',
    manage: 'ledger',
    answer: 'LedgerVerdict',
  },
  {
    method: 'GET',
    path: '/api/v1/ledger/export',
    id: 'exportLedger',
    tag: 'ledger',
    summary:
      'All that an offline verifier needs, a JSON line each: keys, anchors, seals, entries, rows of load profiles that this principal may see whole, and the signed head. `smx ledger verify FILE` checks it anywhere',
    manage: 'ledger',
    media: ['application/x-ndjson'],
  },
  ...DATA_OPERATIONS,
  {
    method: 'GET',
    path: '/api/v1/metrics',
    id: 'metrics',
    tag: 'metrics',
    summary: 'The box in numbers, in the text format of Prometheus',
    manage: 'metrics',
    media: ['text/plain'],
  },
  {
    method: 'GET',
    path: '/api/v1/health',
    id: 'health',
    tag: 'health',
    summary: 'State of the parts of the box and what is wrong in its config',
    manage: 'health',
    answer: 'Health',
  },
  {
    method: 'GET',
    path: '/health/live',
    id: 'live',
    tag: 'health',
    summary: 'The process answers; by HEAD too, as all that is open',
    open: true,
    answer: 'Status',
  },
  {
    method: 'GET',
    path: '/health/ready',
    id: 'ready',
    tag: 'health',
    summary: '200 once store and broker are up and every instance runs or has failed with a reason, else 503',
    open: true,
    answer: 'Status',
  },
  ...DESCRIPTIONS,
  {
    method: 'GET',
    path: '/',
    id: 'page',
    tag: 'page',
    summary: 'The page of the box',
    open: true,
    media: ['text/html'],
  },
  {
    method: 'GET',
    path: '/assets/{file}',
    id: 'pageFile',
    tag: 'page',
    summary: 'Scripts, style and icon of the page; a name carries the hash of its content and never changes it',
    open: true,
    media: ['text/javascript', 'text/css', 'image/svg+xml'],
    errors: [404],
  },
];

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\{\w+\+\}/, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const ROUTES = OPERATIONS.map(({ method, path, open }) => ({
  method: method,
  open,
  pattern: patternOf(path),
}));

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Methods that the address takes; none for an address that is not there. */
export function methodsOf(url: string): string[] {
  const path = pathOf(url);
  return ROUTES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}

export function isPublic(method: string, url: string): boolean {
  const path = pathOf(url);
  // HEAD is GET without the body (RFC 9110 §9.3.2)
  const asked = method === 'HEAD' ? 'GET' : method;
  return ROUTES.some((route) => route.open === true && route.method === asked && route.pattern.test(path));
}
