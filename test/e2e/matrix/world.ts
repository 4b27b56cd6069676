import type { Aggregate } from '@smx-edge/model';

/**
 * The world of the negative matrix: points, parties with every kind of condition, and a plain second opinion on what
 * each of them may see. Time is counted in whole seconds since `START`; each point has one sample a second.
 */
export const START = Date.UTC(2026, 0, 15, 8, 59);
export const TIME_ZONE = 'Europe/Brussels';
/** Edges of timed grants, s: 10:00 and 10:02 in the zone, `from`, `until`, end of the token that expires. */
const [OPENS, CLOSES, FROM, UNTIL] = [60, 180, 100, 150] as const;
export const EXPIRES = 160;
/** When every exit is read, s: each timed grant is seen before, while and after it holds. */
export const LOOKS = [33, 93, 133, 203] as const;
/** When each point has an event, s. */
export const EVENTS = [20, 80, 120, 190] as const;

type Value = number | string | boolean | null;

export interface Point {
  readonly path: string;
  readonly device: string;
  readonly type: 'number' | 'string' | 'boolean';
  readonly kind: 'measurement' | 'counter' | 'state' | 'text' | 'setpoint';
  readonly personal: boolean;
  readonly index: number;
}

const point = (path: string, index: number): Point => {
  const text = path.endsWith('serial') || path.endsWith('message');
  const state = path.endsWith('breaker');
  const setpoint = path.endsWith('setpoint');
  return {
    path,
    device: path.split('/')[0]!,
    type: text ? 'string' : state ? 'boolean' : 'number',
    kind: text ? 'text' : state ? 'state' : path.includes('energy') ? 'counter' : setpoint ? 'setpoint' : 'measurement',
    personal: path.startsWith('home/presence'),
    index,
  };
};

/** Neighbours by whole segments, by beginning and by device, so that a slip of one segment shows. */
export const POINTS: readonly Point[] = [
  ...['pcc/voltage', 'pcc/voltage/l1', 'pcc/voltage/l1-l2', 'pcc/voltage/l1/thd', 'pcc/voltage/l2', 'pcc/voltages'],
  ...['pcc/power/active', 'pcc/power/active/l1', 'pcc/powers/active', 'pcc/energy/active/import', 'pcc/message'],
  ...['pcc/breaker', 'pcc/serial', 'pccx/voltage/l1', 'pv/voltage/l1', 'pv/power', 'pv/serial', 'battery/soc'],
  ...['battery/power/setpoint', 'home/presence', 'home/presence/kitchen', 'home/temperature'],
].map(point);

export const valueAt = ({ type, index }: Point, k: number): Value => {
  if (type === 'string') return `text ${index} of ${k}`;
  return type === 'boolean' ? k % 2 === 0 : 10_000 * (index + 1) + k;
};

interface Grant {
  readonly read?: readonly string[];
  readonly history?: readonly string[];
  readonly events?: readonly string[];
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly every?: string;
  readonly as?: Aggregate;
  readonly delay?: string;
  readonly round?: number;
  readonly 'max-rate'?: string | undefined;
  readonly from?: string;
  readonly until?: string;
  readonly 'between-hours'?: readonly [string, string];
  readonly [other: string]: unknown;
}
export type Action = 'read' | 'history' | 'events' | 'command';

/** What the device itself takes at its set-points. */
export const BOUNDS = { min: -5000, max: 5000 } as const;

/** Load profiles stand where points of two segments do, so that the same filters reach them; a row each at `EVENTS`. */
export const PROFILES: readonly string[] = POINTS.map(({ path }) => path).filter(
  (path) => path.split('/').length === 2,
);
/** Points whose events have a file. */
export const FILED: readonly string[] = ['pcc/voltage/l1', 'home/presence'];

const iso = (k: number): string => new Date(START + k * 1000).toISOString();
const allOf = (filters: readonly string[], conditions: Grant = {}): Grant[] => [
  { read: filters, history: filters, events: filters, profiles: filters, ...conditions },
];
const NEAR = ['pcc/voltage/#', 'pcc/message', 'pcc/breaker', 'pcc/energy/#'];
const [BEGIN, END] = [iso(FROM), iso(UNTIL)];
const HOURS = ['10:00', '10:02'] as const;

/** Parties by name; the role has the name of the party. */
export const PARTIES: Readonly<Record<string, readonly Grant[]>> = {
  none: [],
  exact: allOf(['pcc/voltage/l1']),
  plus: allOf(['pcc/voltage/+']),
  'plus-plus': allOf(['+/voltage/+']),
  hash: allOf(['pcc/voltage/#']),
  root: allOf(['#']),
  personal: allOf(['home/presence']),
  'personal-wild': allOf(['home/#', '+/presence']),
  'read-only': [{ read: NEAR }],
  'history-only': [{ history: NEAR }],
  'events-only': [{ events: NEAR }],
  'profiles-only': [{ profiles: NEAR }],
  elsewhere: allOf(['voltage/l1', 'pcc/volt', 'pc/#', '+', 'pcc/voltage/l1/thd/x']),
  'command-only': [{ command: ['battery/#', 'pcc/#'], between: [-1000, 9000], lease: '15m' }],
  'command-timed': [{ command: ['battery/power/setpoint'], lease: '1m', from: BEGIN, until: END }],
  'command-elsewhere': [{ command: ['pcc/#', 'battery/power', 'battery/soc', 'power/setpoint'], lease: '1m' }],
  'command-and-read': [
    { read: ['battery/power/#'], every: '10s' },
    { command: ['+/power/setpoint'], between: [-9000, 0], lease: '1h' },
  ],
  calls: [{ call: ['p1/status'], manage: ['health'] }],
  device: [],
  mean: allOf(NEAR, { every: '10s' }),
  max: allOf(NEAR, { every: '10s', as: 'max' }),
  min: allOf(NEAR, { every: '10s', as: 'min' }),
  last: allOf(NEAR, { every: '10s', as: 'last' }),
  sum: allOf(NEAR, { every: '30s', as: 'sum' }),
  delay: allOf(NEAR, { delay: '30s' }),
  round: allOf(NEAR, { round: 70 }),
  rate: allOf(NEAR, { 'max-rate': '6/m' }),
  from: allOf(NEAR, { from: BEGIN }),
  until: allOf(NEAR, { until: END }),
  'from-until': allOf(NEAR, { from: BEGIN, until: END }),
  hours: allOf(NEAR, { 'between-hours': HOURS }),
  'mean-from': allOf(NEAR, { every: '10s', from: BEGIN }),
  'mean-hours': allOf(NEAR, { every: '10s', 'between-hours': HOURS }),
  'delay-from': allOf(NEAR, { delay: '20s', from: BEGIN }),
  'mean-delay-round': allOf(NEAR, { every: '10s', delay: '30s', round: 70 }),
  finest: [
    ...allOf(NEAR, { every: '30s' }),
    ...allOf(['pcc/voltage/+'], { every: '10s' }),
    ...allOf(['pcc/voltage/l1']),
  ],
  'finest-timed': [...allOf(NEAR, { every: '10s' }), ...allOf(['pcc/voltage/l1'], { from: BEGIN, until: END })],
  expiring: allOf(NEAR),
};

const seconds = (text: string | undefined): number => (text === undefined ? 0 : Number(text.replace('s', '')));
const edge = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : (Date.parse(text) - START) / 1000;

/** Whether `filter` matches `path`, segment by segment. */
function matches(filter: string, path: string): boolean {
  const wanted = filter.split('/');
  const parts = path.split('/');
  for (const [i, want] of wanted.entries()) {
    if (want === '#') return true;
    if (i === parts.length) return false;
    if (want !== '+' && want !== parts[i]) return false;
  }
  return wanted.length === parts.length;
}
const covers = (filter: string, { path, personal }: Point): boolean =>
  personal ? filter === path : matches(filter, path);

const holds = (grant: Grant, k: number): boolean =>
  k >= edge(grant.from, -Infinity) &&
  k < edge(grant.until, Infinity) &&
  (grant['between-hours'] === undefined || (k >= OPENS && k < CLOSES));
const since = (grant: Grant): number => (grant['between-hours'] === undefined ? edge(grant.from, -Infinity) : OPENS);

const fineness = (grant: Grant): number[] => [seconds(grant.every), seconds(grant.delay), grant.round ?? 0];
const finer = (a: Grant, b: Grant): Grant => {
  const [x, y] = [fineness(a), fineness(b)];
  const i = x.findIndex((value, j) => value !== y[j]);
  return i >= 0 && y[i]! < x[i]! ? b : a;
};

/** The grant under which `party` gets `point` at `k`; undefined = it does not. */
export function grantOn(party: string, point: Point, action: Action, k: number): Grant | undefined {
  if (party === 'expiring' && k >= EXPIRES) return undefined;
  const held = PARTIES[party]!.filter(
    (grant) => grant[action]?.some((filter) => covers(filter, point)) === true && holds(grant, k),
  );
  return held.length === 0 ? undefined : held.reduce(finer);
}

const LEASES: Readonly<Record<string, number>> = { '1m': 60_000, '15m': 900_000, '1h': 3_600_000 };

/** `write` of `point` in the `cat` of `party` at `k`; undefined where it may not command it. */
function writeOn(party: string, point: Point, k: number): Readonly<Record<string, number>> | undefined {
  const grant = point.kind === 'setpoint' ? grantOn(party, point, 'command', k) : undefined;
  if (grant === undefined) return undefined;
  const [min, max] = (grant['between'] ?? [BOUNDS.min, BOUNDS.max]) as [number, number];
  const lease = LEASES[grant['lease'] as string]!;
  return { min: Math.max(min, BOUNDS.min), max: Math.min(max, BOUNDS.max), lease };
}

/** [window in ms, function, write] of `point` in the `cat` of `party` at `k`; undefined where it is not in it. */
export function entryOn(party: string, point: Point, k: number): unknown[] | undefined {
  const grant = grantOn(party, point, 'read', k);
  const write = writeOn(party, point, k);
  if (grant === undefined) return write && [undefined, undefined, write];
  const every = seconds(grant.every) * 1000;
  return [every, every === 0 ? 'last' : aggregateOf(grant, point), write];
}

const rounded = (value: Value, step: number | undefined): Value =>
  typeof value === 'number' && step !== undefined ? Math.round(value / step) * step : value;

export const aggregateOf = ({ as }: Grant, { type, kind }: Point): Aggregate =>
  type !== 'number' ? 'last' : (as ?? (kind === 'measurement' ? 'mean' : 'last'));

function windowValue(grant: Grant, point: Point, end: number): Value {
  const values = Array.from({ length: seconds(grant.every) }, (_, i) => valueAt(point, end - i));
  const numbers = values as number[];
  const sum = numbers.reduce((a, b) => a + b, 0);
  switch (aggregateOf(grant, point)) {
    case 'mean':
      return sum / numbers.length;
    case 'max':
      return Math.max(...numbers);
    case 'min':
      return Math.min(...numbers);
    case 'sum':
      return sum;
    default:
      return values[0]!;
  }
}

/** What `point` may read as under `grant` at `k`, where the samples up to `newest` have come. */
export function readable(grant: Grant, point: Point, k: number, newest = k): readonly Value[] {
  const every = seconds(grant.every);
  const old = k - seconds(grant.delay);
  if (every > 0) {
    const end = Math.floor(Math.min(old, newest - 1) / every) * every;
    const start = end - every;
    return start < 0 || start < since(grant) ? [null] : [rounded(windowValue(grant, point, end), grant.round)];
  }
  if (grant['max-rate'] !== undefined)
    return Array.from({ length: 11 }, (_, i) => (newest - i < 1 ? null : valueAt(point, newest - i)));
  const at = Math.min(old, newest);
  if (at < 1 || (grant.delay !== undefined && at < since(grant))) return [null];
  return [rounded(valueAt(point, at), grant.round)];
}

/** Rows [s, value] of `point` in history at `k`, in the form of `grant`. */
export function historyRows(grant: Grant, point: Point, k: number): [number, Value][] {
  // at most one row in each time of a rate, the newest
  if (grant['max-rate'] !== undefined) return historyRows({ every: '10s', as: 'last' }, point, k);
  const every = seconds(grant.every);
  const rows: [number, Value][] = [];
  for (let t = 1; t <= k - seconds(grant.delay); t++) {
    if (every === 0 && holds(grant, t)) rows.push([t, rounded(valueAt(point, t), grant.round)]);
    // a window is given where all of it, its end included, lies in one stretch of the grant
    if (every > 0 && t % every === 0 && t - every >= since(grant) && t <= edge(grant.until, Infinity))
      if (grant['between-hours'] === undefined || t <= CLOSES)
        rows.push([t, rounded(windowValue(grant, point, t), grant.round)]);
  }
  return rows;
}

/** Times (s) of the events of `point` that `party` may see at `k`. */
export function visibleEvents(party: string, point: Point, k: number): number[] {
  if (party === 'expiring' && k >= EXPIRES) return [];
  const held = PARTIES[party]!.filter(
    (grant) => grant.events?.some((filter) => covers(filter, point)) === true && holds(grant, k),
  );
  return EVENTS.filter((t) => t <= k && held.some((grant) => holds(grant, t) && t + seconds(grant.delay) <= k));
}

/** Times (s) of the rows of load profile `path` that `party` may see at `k`; undefined where it may not know of it. */
export function visibleRows(party: string, path: string, k: number): number[] | undefined {
  if (party === 'expiring' && k >= EXPIRES) return undefined;
  const held = PARTIES[party]!.filter(
    (grant) => grant.profiles?.some((filter) => matches(filter, path)) === true && holds(grant, k),
  );
  if (held.length === 0) return undefined;
  return EVENTS.filter((t) => t <= k && held.some((grant) => holds(grant, t) && t + seconds(grant.delay) <= k));
}
