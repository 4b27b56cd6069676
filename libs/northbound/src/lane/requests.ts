import {
  AGGREGATES,
  describeError,
  DURATION_PATTERN,
  durationMs,
  filterFault,
  isSmxError,
  parseTime,
  SmxError,
  type Aggregate,
  type Clock,
  type HistoryRow,
  type Log,
  type Zone,
} from '@smx-edge/model';
import type { GrantedHistoryQuery } from '@smx-edge/access';
import { makeCatalogue } from '../catalogue.js';
import type { PartyView } from '../doors.js';
import type { DownMessage } from '../down-message.js';
import type { Streams } from './streams.js';

/** Rows, and batches, of one page. */
const PAGE_ROWS = 1000;
const PAGE_BATCHES = 8;
/** Characters of one page: brokers take no packet of more than 128 KiB. */
const PAGE_SIZE = 64 * 1024;
/** Batches of one request. */
const MOST_BATCHES = 200;
/** Requests of one party at work at once. */
const MOST_AT_ONCE = 2;
/** Pause between two pages, so that answers do not crowd out what is live, ms. */
const PAUSE = 50;

type Page = Readonly<Record<string, unknown>>;

export interface RequestsOptions {
  readonly epoch: number;
  /** Of the site, for times without offset. */
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  readonly view: (principal: string) => PartyView | undefined;
  readonly streams: (principal: string) => Streams | undefined;
}

/** Answers `req` on `res` in pages (contracts §5): `history`, `batch` and `cat`, all within the grant. */
export class Requests {
  private readonly atWork = new Map<string, number>();

  constructor(private readonly o: RequestsOptions) {}

  take(message: DownMessage): void {
    const { principal } = message;
    const atWork = this.atWork.get(principal) ?? 0;
    if (atWork >= MOST_AT_ONCE) {
      refuse(message, new SmxError('SMX_HTTP_RATE', `${MOST_AT_ONCE} requests are at work; wait for their last page`));
      return;
    }
    this.atWork.set(principal, atWork + 1);
    void this.answer(message).finally(() => this.atWork.set(principal, (this.atWork.get(principal) ?? 1) - 1));
  }

  private async answer(message: DownMessage): Promise<void> {
    let n = 0;
    try {
      let held: Page | undefined;
      for await (const page of this.pages(message)) {
        if (held !== undefined) {
          message.answer({ id: message.id, n: n++, last: false, ...held });
          await this.pause();
        }
        held = page;
      }
      message.answer({ id: message.id, n, last: true, ...held });
    } catch (error) {
      if (!isSmxError(error)) this.o.log.error('a request failed', { ...message, error: describeError(error) });
      refuse(message, isSmxError(error) ? error : new SmxError('SMX_INTERNAL', 'a fault of the box itself'), n);
    }
  }

  private pages({ principal, body }: DownMessage): AsyncIterable<Page> {
    const view = this.o.view(principal);
    if (view === undefined) throw new SmxError('SMX_ACCESS_UNAUTHENTICATED', 'this principal is no more');
    if (body['get'] === 'cat') return one({ cat: JSON.parse(makeCatalogue(view).payload.toString()) as unknown });
    if (body['get'] === 'batch') return this.batches(principal, body);
    if (body['get'] === 'history') return history(view, this.historyQuery(body));
    throw malformed('"get" is history, batch or cat');
  }

  private async *batches(principal: string, { stream = 'inst', e, s }: Page): AsyncGenerator<Page> {
    const lane = this.o.streams(principal)?.lane(typeof stream === 'string' ? stream : undefined);
    if (lane?.head === undefined) throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is no such stream');
    if (e !== undefined && e !== this.o.epoch)
      throw new SmxError(
        'SMX_HTTP_NOT_FOUND',
        `batches of this epoch are not here; the store is of epoch ${this.o.epoch}`,
      );
    const [from, to, ...more] = Array.isArray(s) ? (s as readonly unknown[]) : [s, s];
    if (!isWhole(from, 1) || !isWhole(to, from) || more.length > 0)
      throw malformed('"s" is the number of a batch, or [from, to]');
    const [, head] = lane.head;
    if (from >= head) throw new SmxError('SMX_HTTP_NOT_FOUND', `the next batch of this stream is ${head}`);
    const end = Math.min(to + 1, from + MOST_BATCHES, head);
    for (let at = from; at < end; at += PAGE_BATCHES) {
      const batches = await lane.again(at, Math.min(PAGE_BATCHES, end - at));
      const messages = batches.flatMap((batch) => batch.message(true) ?? []);
      for (const { gave } of messages) gave();
      // what was asked for beyond this answer
      const next = at + PAGE_BATCHES >= end && end <= to ? { next: end } : {};
      const pages = [...inPages(messages, ({ payload }) => payload.length)];
      if (pages.length === 0) pages.push([]);
      for (const [i, page] of pages.entries())
        yield {
          batches: page.map(({ payload }) => JSON.parse(payload.toString()) as unknown),
          ...(i === pages.length - 1 ? next : {}),
        };
    }
  }

  private historyQuery({ match = '#', from, to, every, as }: Page): GrantedHistoryQuery {
    const fault = typeof match === 'string' ? filterFault(match) : 'it is no text';
    if (typeof match !== 'string' || fault !== undefined) throw malformed(`"match" is no topic filter: ${fault}`);
    if (as !== undefined && !AGGREGATES.includes(as as Aggregate))
      throw malformed(`"as" is one of ${AGGREGATES.join(', ')}`);
    const span = { from: this.time(from), to: this.time(to) };
    if (span.from > span.to) throw malformed('"from" is behind "to"');
    return {
      ...{ match, ...span },
      ...(every === undefined ? {} : { every: windowOf(every) }),
      ...(as === undefined ? {} : { as: as as Aggregate }),
    };
  }

  private time(value: unknown): number {
    if (isWhole(value, 0)) return value;
    const at = { zone: this.o.zone, now: this.o.clock.now() };
    const t = typeof value === 'string' ? parseTime(value, at) : undefined;
    if (t === undefined) throw malformed('"from" and "to" are ms UTC, ISO 8601, or a duration before now');
    return t;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => void this.o.clock.after(PAUSE, resolve));
  }
}

async function* one(page: Page): AsyncGenerator<Page> {
  await Promise.resolve();
  yield page;
}

async function* history(view: PartyView, query: GrantedHistoryQuery): AsyncGenerator<Page> {
  const found = await view.history(query);
  if (found.length === 0) yield { points: {} };
  for (const { path, rows } of found) for await (const part of inParts(rows)) yield { points: { [path]: part } };
}

/** Rows in parts of a page; a point without rows is an empty part. */
async function* inParts(chunks: AsyncIterable<readonly HistoryRow[]>): AsyncGenerator<readonly HistoryRow[]> {
  let isEmpty = true;
  for await (const rows of chunks)
    for (let from = 0; from < rows.length; from += PAGE_ROWS) {
      isEmpty = false;
      yield* inPages(rows.slice(from, from + PAGE_ROWS), (row) => JSON.stringify(row).length + 1);
    }
  if (isEmpty) yield [];
}

/** What fits into one page, and what fits into the next; more than one at a time only within its size. */
function* inPages<T>(all: readonly T[], sizeOf: (one: T) => number): Generator<readonly T[], void> {
  let page: T[] = [];
  let size = 0;
  for (const one of all) {
    const own = sizeOf(one);
    if (page.length > 0 && size + own > PAGE_SIZE) {
      yield page;
      [page, size] = [[], 0];
    }
    page.push(one);
    size += own;
  }
  if (page.length > 0) yield page;
}

/** A window as users write it, or in ms. */
function windowOf(value: unknown): number {
  const ms = typeof value === 'string' && new RegExp(DURATION_PATTERN).test(value) ? durationMs(value) : value;
  if (!isWhole(ms, 1)) throw malformed('"every" is a duration like 15m, or a window in ms');
  return ms;
}

const malformed = (text: string): SmxError => new SmxError('SMX_MESSAGE_MALFORMED', text);

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function refuse({ answer, id }: DownMessage, { code, message }: SmxError, n = 0): void {
  answer({ id, n, last: true, error: { code, reason: message } });
}
