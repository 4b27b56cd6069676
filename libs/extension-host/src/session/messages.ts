import type { ToHost } from '@smx-edge/extension-api/wire';
import { MOST_FILES, POINT_KINDS, POINT_TYPES, SmxError } from '@smx-edge/model';

/** Checks what a process sent: nothing of it is believed. Texts are bounded, numbers finite, shapes exact enough to use. */
type Check = (value: unknown) => boolean;

const whole: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const real: Check = (value) => typeof value === 'number';
const span: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const bool: Check = (value) => typeof value === 'boolean';
const text =
  (max: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= max;
const name = text(200);
const line = text(4000);
const anything: Check = () => true;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record: Check = isRecord;
const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(members).every(([key, check]) => check(value[key]));
const list =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= max && value.every(check);

const pointValue: Check = (value) =>
  value === null ||
  typeof value === 'boolean' ||
  Number.isFinite(value) ||
  text(4000)(value) ||
  list(Number.isFinite, 1000)(value);

const error = shape({ code: text(100), message: text(20_000) });
const device = shape({
  kind: optional(name),
  manufacturer: optional(name),
  model: optional(name),
  serial: optional(name),
});
const setpoint = shape({
  min: optional(real),
  max: optional(real),
  step: optional(real),
  default: optional(anything),
  verify: optional(name),
  tolerance: optional(span),
  settle: optional(span),
  interval: optional(span),
});
const point = shape({
  path: name,
  unit: orNull(text(20)),
  type: oneOf(...POINT_TYPES),
  kind: oneOf(...POINT_KINDS),
  maxAge: span,
  obis: optional(text(40)),
  personal: optional(bool),
  aliases: optional(list(name, 20)),
  setpoint: optional(setpoint),
});
const event = shape({
  code: text(100),
  severity: oneOf('info', 'warning', 'alarm', 'critical'),
  state: oneOf('raised', 'cleared', 'once'),
  text: line,
  t: optional(real),
  path: optional(name),
  data: optional(anything),
  unique: optional(bool),
  files: optional(list(shape({ name: text(100), type: name, bytes: text(800_000) }), MOST_FILES)),
});
// what a profile and its rows say is checked where they are kept
const profile = shape({ id: text(64), period: anything, columns: list(record, 100) });
const rows = list((row) => Array.isArray(row) && row.length <= 100, 20_000);
const history = shape({
  match: name,
  from: real,
  to: real,
  every: optional((value) => Number.isFinite(value) && (value as number) > 0),
  as: optional(oneOf('last', 'mean', 'min', 'max', 'sum', 'delta')),
});
const extras: Check = (value) =>
  value === undefined ||
  (Array.isArray(value) &&
    value.every(
      (extra: unknown) =>
        Array.isArray(extra) && whole(extra[0]) && whole(extra[1]) && orNull(line)(extra[2]) && orNull(real)(extra[3]),
    ));
const pairs: Check = (value) => Array.isArray(value) && value.length % 2 === 0;

const CHECKS: { readonly [K in ToHost[0]]: readonly Check[] } = {
  hello: [shape({ api: text(20), calls: record })],
  running: [],
  failed: [error],
  fatal: [name, error],
  stopped: [],
  pong: [whole],
  device: [whole, name, device],
  'device-update': [whole, device],
  'device-remove': [whole],
  online: [whole, bool, orNull(line)],
  point: [whole, whole, point],
  'point-remove': [whole, whole],
  s: [orNull(real), pairs, extras],
  refused: [text(400), whole],
  throttled: [whole],
  exception: [text(400), text(20_000), whole],
  status: [oneOf('ok', 'busy', 'warning', 'error'), orNull(line), orNull(real)],
  log: [oneOf('debug', 'info', 'warn', 'error'), text(1 << 20), orNull(record)],
  line: [whole, orNull(shape({ source: line, status: text(40), since: real, counters: record }))],
  event: [whole, whole, event],
  bytes: [whole, oneOf('in', 'out', 'gap'), real, text(400_000), whole],
  recorded: [whole, line],
  profile: [whole, whole, profile],
  'profile-last': [whole, whole, text(64)],
  'profile-append': [whole, whole, text(64), rows, orNull(text(64))],
  'state-get': [whole, name],
  'state-set': [whole, name, anything],
  points: [whole, name],
  subscribe: [whole, name],
  unsubscribe: [whole],
  history: [whole, history],
  'history-next': [whole],
  'history-end': [whole],
  serial: [whole, line, shape({ baud: whole, mode: text(10) })],
  command: [whole, name, pointValue, span],
  result: [whole, anything],
  error: [whole, error],
  step: [whole, record],
};

const isKind = (kind: unknown): kind is ToHost[0] => typeof kind === 'string' && Object.hasOwn(CHECKS, kind);

/** The message as the host may use it. Throws SMX_EXTENSION_DIED, which ends the process, for anything else. */
export function checkedMessage(raw: unknown): ToHost {
  const kind: unknown = Array.isArray(raw) ? raw[0] : undefined;
  if (Array.isArray(raw) && isKind(kind)) {
    const checks = CHECKS[kind];
    let ok = raw.length <= checks.length + 1;
    for (let i = 0; ok && i < checks.length; i++) ok = checks[i]!(raw[i + 1]);
    if (ok) return raw as unknown as ToHost;
  }
  throw new SmxError(
    'SMX_EXTENSION_DIED',
    `sent a malformed message (${typeof kind === 'string' ? kind.slice(0, 40) : 'no kind'})`,
  );
}
