import {
  AGGREGATES,
  describeError,
  isSmxError,
  SmxError,
  type Aggregate,
  type Clock,
  type HistoryRow,
  type Log,
} from '@smx-edge/model';
import { makeCatalogue } from '../catalogue.js';
import type { PartyView } from '../doors.js';
import type { DownMessage } from '../down-message.js';
import type { Streams } from './streams.js';

/** Rows, and batches, of one page. */
const PAGE_ROWS = 1000;
const PAGE_BATCHES = 8;
/** Batches of one request. */
const MOST_BATCHES = 200;
/** Requests of one party at work at once. */
const MOST_AT_ONCE = 2;
/** Pause between two pages, so that answers do not crowd out what is live, ms. */
const PAUSE = 50;

type Page = Readonly<Record<string, unknown>>;

export interface RequestsOptions {
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
    if (body['get'] === 'history') return history(view, body);
    throw malformed('"get" is history, batch or cat');
  }

  private async *batches(principal: string, { stream = 'inst', s }: Page): AsyncGenerator<Page> {
    const lane = this.o.streams(principal)?.lane(typeof stream === 'string' ? stream : undefined);
    if (lane?.head === undefined) throw new SmxError('SMX_HTTP_NOT_FOUND', 'there is no such stream');
    const [from, to] = Array.isArray(s) ? (s as readonly unknown[]) : [];
    if (!isWhole(from, 1) || !isWhole(to, from)) throw malformed('"s" is [from, to], numbers of batches');
    const end = Math.min(to + 1, from + MOST_BATCHES, lane.head[1]);
    for (let at = from; at < end; at += PAGE_BATCHES) {
      const batches = await lane.again(at, Math.min(PAGE_BATCHES, end - at));
      const messages = batches.flatMap((batch) => batch.message(true) ?? []);
      for (const { gave } of messages) gave();
      yield { batches: messages.map(({ payload }) => JSON.parse(payload.toString()) as unknown) };
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => void this.o.clock.after(PAUSE, resolve));
  }
}

async function* one(page: Page): AsyncGenerator<Page> {
  await Promise.resolve();
  yield page;
}

async function* history(view: PartyView, { match = '#', from, to, every, as }: Page): AsyncGenerator<Page> {
  if (typeof match !== 'string' || !isWhole(from, 0) || !isWhole(to, 0))
    throw malformed('"match" is a filter, "from" and "to" are ms UTC');
  if (every !== undefined && !isWhole(every, 1)) throw malformed('"every" is a window in ms');
  if (as !== undefined && !AGGREGATES.includes(as as Aggregate))
    throw malformed(`"as" is one of ${AGGREGATES.join(', ')}`);
  const query = {
    ...{ match, from, to },
    ...(every === undefined ? {} : { every }),
    ...(as === undefined ? {} : { as: as as Aggregate }),
  };
  for (const { path, rows } of await view.history(query))
    for await (const part of inParts(rows)) yield { points: { [path]: part } };
}

/** Rows in parts of a page; a point without rows is an empty part. */
async function* inParts(chunks: AsyncIterable<readonly HistoryRow[]>): AsyncGenerator<readonly HistoryRow[]> {
  let isEmpty = true;
  for await (const rows of chunks)
    for (let from = 0; from < rows.length; from += PAGE_ROWS) {
      isEmpty = false;
      yield rows.slice(from, from + PAGE_ROWS);
    }
  if (isEmpty) yield [];
}

const malformed = (text: string): SmxError => new SmxError('SMX_MESSAGE_MALFORMED', text);

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function refuse({ answer, id }: DownMessage, { code, message }: SmxError, n = 0): void {
  answer({ id, n, last: true, error: { code, reason: message } });
}
