import {
  durationText,
  filterMatches,
  SmxError,
  type Aggregate,
  type HistoryRow,
  type HistorySource,
  type LiveSource,
  type PointDefinition,
  type Zone,
} from '@smx-edge/model';
import { HISTORY, type CompiledGrant } from './compiled-grant.js';
import type { Plan } from './plan.js';
import { aggregateFor } from './shape.js';
import { cellEnd, onGrid, thinned } from './thinned.js';
import type { GrantedHistory, GrantedHistoryQuery } from './view.js';

export interface HistoryContext {
  readonly live: LiveSource;
  readonly source: HistorySource;
  readonly zone: Zone;
  readonly now: number;
  /** Asked again before each chunk: a long answer ends with its grant. */
  readonly isGranted: (handle: number) => boolean;
  /** Told of each point whose rows begin to go out. */
  readonly given: (path: string, how: Choice & { readonly from: number; readonly to: number }) => void;
}

interface Point {
  readonly handle: number;
  readonly definition: PointDefinition;
}

interface Choice {
  readonly compiled: CompiledGrant;
  readonly every: number;
  readonly as: Aggregate;
}

/** Points whose path, or alias where it is no filter, matches. */
export function matchingPoints(live: LiveSource, match: string | undefined): Point[] {
  if (match === undefined || match === '#') return [...live.points()];
  const handle = live.handleOf(match);
  const definition = handle === undefined ? undefined : live.definition(handle);
  if (handle !== undefined && definition !== undefined) return [{ handle, definition }];
  return [...live.points()].filter((point) => filterMatches(match, point.definition.path));
}

/** History of the granted ones of the matching points; see `View.history`. */
export function grantedHistory(plan: Plan, query: GrantedHistoryQuery, context: HistoryContext): GrantedHistory[] {
  const { every } = query;
  if (every !== undefined && !(Number.isSafeInteger(every) && every >= 0))
    throw new SmxError('SMX_HTTP_BAD_REQUEST', '"every" is a whole number of milliseconds');
  const found: GrantedHistory[] = [];
  for (const point of matchingPoints(context.live, query.match)) {
    if (!plan.has(point.handle, HISTORY)) continue;
    const choice = choose(plan.grants(point.definition, HISTORY), point.definition, { query, now: context.now });
    found.push({ path: point.definition.path, rows: rowsOf(point, choice, { query, context }) });
  }
  return found;
}

/**
 * The grant a query is answered under: of those that allow what is asked the one that covers most of its time, and of
 * equal ones the finest. Without `every` the finest of all.
 */
function choose(
  grants: readonly CompiledGrant[],
  definition: PointDefinition,
  { query, now }: { query: GrantedHistoryQuery; now: number },
): Choice {
  let best: Choice | undefined;
  let most = -1;
  for (const compiled of grants) {
    const choice = allowed(compiled, definition, query);
    if (choice === undefined) continue;
    if (query.every === undefined) return choice;
    const { from, to } = compiled.validity.clip(query.from, Math.min(query.to, now - compiled.grant.delay));
    const covered = Math.max(0, to - from) / (compiled.validity.isDaily ? 2 : 1);
    if (covered > most) [best, most] = [choice, covered];
  }
  if (best !== undefined) return best;
  throw refusal(grants, definition, query);
}

/** How a grant answers a query, or undefined where it does not allow it. */
function allowed(compiled: CompiledGrant, definition: PointDefinition, query: GrantedHistoryQuery): Choice | undefined {
  const { grant } = compiled;
  const { every = grant.every, as } = query;
  if (!withinRate(grant, every)) return undefined;
  if (grant.every === 0) {
    // texts and truth values have no mean, so `last` is what such a query means
    const plain = aggregateFor({ ...grant, ...(as === undefined ? {} : { as }) }, definition);
    return { compiled, every, as: plain };
  }
  const own = aggregateFor(grant, definition);
  if (every < grant.every || every % grant.every !== 0) return undefined;
  if (as !== undefined && definition.type === 'number' && as !== own) return undefined;
  return { compiled, every, as: own };
}

/** Windows off the grid of a rate would, one query after the other, bring every sample to light. */
const withinRate = ({ every, interval }: CompiledGrant['grant'], asked: number): boolean =>
  interval === 0 || asked === every || onGrid(asked, interval);

function refusal(grants: readonly CompiledGrant[], definition: PointDefinition, query: GrantedHistoryQuery): SmxError {
  const forms = grants.map(({ grant }) =>
    grant.every === 0
      ? `one value each ${durationText(Math.ceil(grant.interval))}`
      : `every ${durationText(grant.every)} as ${aggregateFor(grant, definition)}`,
  );
  const details = [{ path: definition.path, expected: `${forms.join(' or ')}, or a multiple of it` }];
  const fits = grants.some(({ grant }) => {
    const every = query.every ?? grant.every;
    return withinRate(grant, every) && every >= grant.every && (grant.every === 0 || every % grant.every === 0);
  });
  return fits
    ? new SmxError(
        'SMX_ACCESS_DENIED',
        `${definition.path} is granted ${forms.join(' or ')}, not as ${query.as ?? ''}`,
        {
          details,
        },
      )
    : new SmxError(
        'SMX_ACCESS_TOO_FINE',
        `${definition.path} is granted ${forms.join(' or ')}; ask for that or a multiple of it`,
        { details },
      );
}

async function* rowsOf(
  { handle, definition }: Point,
  choice: Choice,
  { query, context }: { query: GrantedHistoryQuery; context: HistoryContext },
): AsyncIterable<readonly HistoryRow[]> {
  const { compiled, every, as } = choice;
  const { validity, grant } = compiled;
  const { round } = compiled.shapeFor(definition);
  const ripe = context.now - grant.delay;
  const interval = grant.interval > every ? grant.interval : 0;
  // which value is the last of its part of the grid shows at the end of that part only
  const last = interval === 0 ? query.to : cellEnd(query.to, interval);
  const { from, to } = validity.clip(query.from, Math.min(last, ripe));
  if (from >= to) return;
  const given = ([t]: HistoryRow): boolean => {
    if (t <= query.from || t > last) return false;
    return validity.gives(t, every);
  };
  const source = context.source.history({
    handle,
    // the bound is exclusive and a sample at the very beginning of the grant is given
    from: from === query.from ? from : from - 1,
    to,
    ...(every === 0 ? {} : { every, as }),
    ...(round === 0 ? {} : { round }),
  });
  const held = heldRows(source, validity.isEternal ? undefined : given, {
    check: () => context.isGranted(handle),
    begun: () => context.given(definition.path, { ...choice, from, to }),
    path: definition.path,
  });
  if (interval === 0) yield* held;
  else
    for await (const rows of thinned(held, { interval, ripe })) {
      const asked = rows.filter(([t]) => t <= query.to);
      if (asked.length > 0) yield asked;
    }
}

/** Rows that the grant holds for, while it holds. */
async function* heldRows(
  chunks: AsyncIterable<readonly HistoryRow[]>,
  given: ((row: HistoryRow) => boolean) | undefined,
  { check, begun, path }: { check: () => boolean; begun: () => void; path: string },
): AsyncIterable<readonly HistoryRow[]> {
  let isTold = false;
  for await (const rows of chunks) {
    // rows that just end would pass for all there are
    if (!check()) throw new SmxError('SMX_ACCESS_DENIED', `the grant of ${path} ended while its history was read`);
    if (!isTold) begun();
    isTold = true;
    const kept = given === undefined ? rows : rows.filter(given);
    if (kept.length > 0) yield kept;
  }
}
