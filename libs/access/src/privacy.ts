import { durationText, filterMatches } from '@smx-edge/model';
import { WAYS } from './derivations.js';
import type { Action, Grant, Role } from './role.js';
import { finerFirst } from './shape.js';

/** Grants of one role that together give what one of them holds back. */
export interface PrivacyFinding {
  /** Index of the grant whose condition is undone. */
  readonly grant: number;
  readonly wrong: string;
  readonly expected: string;
}

const WAYS_OF = new Map(WAYS);

/** A device no filter names: what wildcards reach. */
const ANY_DEVICE = 'device';

interface Held {
  readonly grant: Grant;
  readonly index: number;
}

/**
 * What a role's own grants undo: a finer history of the same point, a point that follows from finer ones (a sum of
 * phases, power from its energy), windows that do not nest, a coarse grant that a finer one covers whole. Works on the
 * names of points that contracts §3 lists; from, until and hours are taken as overlapping unless dates say they do not.
 */
export function privacyFindings(role: Role): PrivacyFinding[] {
  const found = new Map<string, PrivacyFinding>();
  const add = (key: string, finding: PrivacyFinding): void => {
    if (!found.has(`${finding.grant} ${key}`)) found.set(`${finding.grant} ${key}`, finding);
  };
  covered(role, add);
  for (const device of devicesOf(role))
    for (const [quantity, ways] of WAYS) {
      const path = `${device}/${quantity}`;
      ownHistory(role, path, add);
      derived(role, { device, path, ways }, add);
    }
  return [...found.values()].sort((a, b) => a.grant - b.grant);
}

type Add = (key: string, finding: PrivacyFinding) => void;

function devicesOf(role: Role): string[] {
  const first = role.grants.flatMap(({ actions }) => [...(actions.read ?? []), ...(actions.history ?? [])]);
  return [
    ...new Set(first.map((filter) => filter.split('/')[0]!).map((name) => (/^[+#]$/.test(name) ? ANY_DEVICE : name))),
  ];
}

/** Grants of one action that reach a path, from the finest. */
function holding(role: Role, action: Action, path: string): Held[] {
  return role.grants
    .map((grant, index) => ({ grant, index }))
    .filter(({ grant }) => (grant.actions[action] ?? []).some((filter) => filterMatches(filter, path)))
    .sort((a, b) => finerFirst(a.grant, b.grant));
}

/** Grants that show a path's values now or later, from the finest: what is read may be written down. */
const shown = (role: Role, path: string): Held[] =>
  [...holding(role, 'read', path), ...holding(role, 'history', path)].sort((a, b) => finerFirst(a.grant, b.grant));

const overlap = (a: Grant, b: Grant): boolean =>
  (a.from?.t ?? -Infinity) < (b.until?.t ?? Infinity) && (b.from?.t ?? -Infinity) < (a.until?.t ?? Infinity);

type Form = Pick<Grant, 'every' | 'round' | 'delay'>;

/** Whether `a` shows what `b` holds back by window, rounding or delay. */
function undoes(a: Form, b: Form): boolean {
  if (a.every !== b.every) return a.every < b.every;
  return a.round < b.round || (a.round === b.round && a.delay < b.delay);
}

const formText = ({ every, round, delay }: Form): string =>
  [
    every === 0 ? 'each sample' : `windows of ${durationText(every)}`,
    round === 0 ? '' : `in steps of ${round}`,
    delay === 0 ? '' : `after ${durationText(delay)}`,
  ]
    .filter((word) => word !== '')
    .join(' ');

/** History that is finer than what is read, and windows of one point that together give shorter ones. */
function ownHistory(role: Role, path: string, add: Add): void {
  const [read] = holding(role, 'read', path);
  const histories = holding(role, 'history', path);
  for (const history of histories)
    if (read !== undefined && overlap(read.grant, history.grant) && undoes(history.grant, read.grant))
      add(`history ${history.index}`, {
        grant: read.index,
        wrong: `history gives ${path} as ${formText(history.grant)} (grant ${history.index + 1}), which undoes ${formText(read.grant)} of read`,
        expected: 'history no finer than read',
      });
  const windowed = [...(read === undefined ? [] : [read]), ...histories].filter(({ grant }) => grant.every > 0);
  for (const a of windowed)
    for (const b of windowed)
      if (a.grant.every < b.grant.every && b.grant.every % a.grant.every !== 0 && overlap(a.grant, b.grant))
        add(`nest ${a.index}`, {
          grant: b.index,
          wrong: `windows of ${durationText(b.grant.every)} and of ${durationText(a.grant.every)} (grant ${a.index + 1}) on ${path} do not nest; their differences show shorter ones`,
          expected: 'windows of which the longer are multiples of the shorter',
        });
}

/** A point held back that follows from others given finer. */
function derived(
  role: Role,
  { device, path, ways }: { device: string; path: string; ways: readonly (readonly string[])[] },
  add: Add,
): void {
  const [finest] = shown(role, path);
  if (finest === undefined) return;
  const target = path.slice(device.length + 1);
  for (const way of ways) {
    const sources = originsOf(way, { role, device, held: finest.grant, passed: new Set([target]) });
    if (sources === undefined) continue;
    const numbers = [...new Set(sources.map(({ held }) => held.index + 1))].sort((a, b) => a - b);
    const names = [...new Set(sources.map((source) => source.path))].join(' and ');
    const coarsest = sources
      .map(({ held }) => held.grant)
      .sort(finerFirst)
      .at(-1)!;
    add(`from ${numbers.join(' ')}`, {
      grant: finest.index,
      wrong: `${path} is given as ${formText(finest.grant)} but follows from ${names} given as ${formText(coarsest)} (grant ${numbers.join(', ')})`,
      expected: 'the points it follows from no finer than itself',
    });
  }
}

interface Origin {
  readonly path: string;
  readonly held: Held;
}

interface Search {
  readonly role: Role;
  readonly device: string;
  /** What holds back. */
  readonly held: Grant;
  /** Quantities on the way, which prove nothing of themselves. */
  readonly passed: ReadonlySet<string>;
}

/** Points shown finer than `held` that together give all of a way, over however many steps; undefined where they do not. */
function originsOf(way: readonly string[], search: Search): Origin[] | undefined {
  const found: Origin[] = [];
  for (const quantity of way) {
    const origins = originOf(quantity, search);
    if (origins === undefined) return undefined;
    found.push(...origins);
  }
  return found;
}

function originOf(quantity: string, { role, device, held, passed }: Search): Origin[] | undefined {
  if (passed.has(quantity)) return undefined;
  const path = `${device}/${quantity}`;
  const own = shown(role, path).find(({ grant }) => undoes(grant, held) && overlap(grant, held));
  if (own !== undefined) return [{ path, held: own }];
  const further = { role, device, held, passed: new Set([...passed, quantity]) };
  for (const way of WAYS_OF.get(quantity) ?? []) {
    const origins = originsOf(way, further);
    if (origins !== undefined) return origins;
  }
  return undefined;
}

/** Grants that never count, because a finer one of the same action reaches all they reach. */
function covered(role: Role, add: Add): void {
  for (const [index, grant] of role.grants.entries())
    for (const action of ['read', 'history'] as const) {
      const filters = grant.actions[action] ?? [];
      for (const [other, finer] of role.grants.entries()) {
        if (other === index || filters.length === 0 || !undoes(finer, grant) || !spans(finer, grant)) continue;
        const wide = finer.actions[action] ?? [];
        if (filters.every((filter) => wide.some((one) => covers(one, filter))))
          add(`covered ${other}`, {
            grant: index,
            wrong: `${formText(grant)} of ${action} never count: grant ${other + 1} gives the same points as ${formText(finer)}`,
            expected: 'only one of the two, or narrower filters on the finer one',
          });
      }
    }
}

/** Whether `a` holds whenever `b` does. */
const spans = (a: Grant, b: Grant): boolean =>
  (a.from?.t ?? -Infinity) <= (b.from?.t ?? -Infinity) &&
  (a.until?.t ?? Infinity) >= (b.until?.t ?? Infinity) &&
  a.hours === undefined;

/** Whether each path that matches `narrow` matches `wide`. */
function covers(wide: string, narrow: string): boolean {
  const [a, b] = [wide.split('/'), narrow.split('/')];
  for (const [i, segment] of a.entries()) {
    if (segment === '#') return true;
    const other = b[i];
    if (other === undefined || other === '#' || (segment !== '+' && segment !== other)) return false;
  }
  return a.length === b.length;
}
