import { qualityName, SmxError, type Disposable, type HistoryRow } from '@smx-edge/model';
import type { HistoryAsk, PointChange } from '../context.js';
import type { ToChild, WireHistory } from '../wire.js';
import type { Channel } from './channel.js';
import type { Faults } from './faults.js';
import { ms } from './point-init.js';
import type { Requests } from './requests.js';

/** The last instant a date can have, ms: JSON has no infinite numbers. */
const FOREVER = 8.64e15;

/** Throws SMX_HTTP_BAD_REQUEST for what is no time. */
function instant(t: number): number {
  if (typeof t !== 'number' || Number.isNaN(t))
    throw new SmxError('SMX_HTTP_BAD_REQUEST', 'history is asked for from and to a time in ms UTC');
  return Math.max(-FOREVER, Math.min(FOREVER, t));
}

interface Rows {
  readonly path: string;
  readonly rows: readonly HistoryRow[];
}

interface Reader {
  push(rows: Rows): void;
}

/** What an instance reads through the gate: changes of points, and history chunk by chunk on demand. */
export class Reads {
  private readonly subscriptions = new Map<number, (changes: readonly PointChange[]) => void>();
  private readonly readers = new Map<number, Reader>();
  private readonly o: { channel: Channel; requests: Requests; faults: Faults };

  constructor(o: { channel: Channel; requests: Requests; faults: Faults }) {
    this.o = o;
  }

  subscribe(filter: string, fn: (changes: readonly PointChange[]) => void | Promise<void>): Disposable {
    const { channel, faults, requests } = this.o;
    const sub = requests.next();
    this.subscriptions.set(sub, (changes) => void faults.guard(`subscribe ${filter}`, () => fn(changes)));
    channel.send(['subscribe', sub, filter]);
    return {
      dispose: () => {
        if (this.subscriptions.delete(sub)) channel.send(['unsubscribe', sub]);
      },
    };
  }

  async *history(ask: HistoryAsk): AsyncGenerator<Rows> {
    const { channel, requests } = this.o;
    const wire: WireHistory = {
      match: ask.match,
      from: instant(ask.from),
      to: instant(ask.to),
      ...(ask.every === undefined ? {} : { every: ms(ask.every) }),
      ...(ask.as === undefined ? {} : { as: ask.as }),
    };
    const queue: Rows[] = [];
    let wake: (() => void) | undefined;
    const state = { ended: false };
    let id = 0;
    const done = requests.ask((number) => {
      id = number;
      return ['history', number, wire];
    });
    this.readers.set(id, {
      push: (rows) => {
        queue.push(rows);
        wake?.();
      },
    });
    const over = done.finally(() => {
      state.ended = true;
      wake?.();
    });
    // the failure is thrown below, to the reader of the rows
    over.catch(() => {});
    try {
      for (;;) {
        const rows = queue.shift();
        if (rows !== undefined) {
          yield rows;
          channel.send(['history-next', id]);
        } else if (state.ended) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      await over;
    } finally {
      this.readers.delete(id);
      if (!state.ended) channel.send(['history-end', id]);
    }
  }

  receive(message: Extract<ToChild, readonly ['changes' | 'rows', ...unknown[]]>): void {
    if (message[0] === 'rows') {
      this.readers.get(message[1])?.push({ path: message[2], rows: message[3] });
      return;
    }
    this.subscriptions.get(message[1])?.(
      message[2].map(([path, value, t, quality]) => ({ path, value, t, quality: qualityName(quality) })),
    );
  }

  end(): void {
    this.subscriptions.clear();
  }
}
