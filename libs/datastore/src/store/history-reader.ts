import { GOOD, qualityName, type HistoryQuery, type HistoryRow, type HistoryValue } from '@smx-edge/model';
import type { HistoryChunk } from '../worker/protocol.js';
import type { ThreadLink } from './thread-link.js';

/** Rows given at a time: few enough that whoever takes them holds nobody up. */
const ROWS = 2000;

/** How long rows are given one after the other before whoever else uses the thread gets a turn, ms. */
const TURN = 1;

/** Answers of the thread under way, so that it makes the next while rows of this one are given. */
const AHEAD = 2;

let lastJob = 0;

/**
 * Rows of one query, some at a time as they are taken; answers of the thread are read ahead. Leaving the loop ends the
 * reading.
 * Rejects with SMX_HTTP_BAD_REQUEST, SMX_POINT_TYPE, SMX_STORE_FAILED.
 */
export async function* readHistory(
  link: ThreadLink,
  query: HistoryQuery,
): AsyncGenerator<readonly HistoryRow[], void, undefined> {
  const job = ++lastJob;
  const ahead: Promise<HistoryChunk>[] = [];
  const ask = (): void => {
    const next = link.ask('historyNext', job);
    // a failure is met when this answer is taken; until then it must not count as unheard
    next.catch(() => undefined);
    ahead.push(next);
  };
  const opened = link.ask('historyOpen', { job, ...query });
  // what is asked beyond the last answer fails, and nobody waits for that
  while (ahead.length < AHEAD) ask();
  let done = true;
  try {
    await opened;
    done = false;
    let turn = performance.now();
    while (!done) {
      const chunk = await ahead.shift()!;
      ({ done } = chunk);
      while (!done && ahead.length < AHEAD) ask();
      for (let from = 0; from < chunk.t.length; from += ROWS) {
        if (performance.now() - turn > TURN) {
          await new Promise((resume) => setImmediate(resume));
          turn = performance.now();
        }
        yield rowsOf(chunk, from, Math.min(from + ROWS, chunk.t.length));
      }
    }
  } finally {
    if (!done) await link.ask('historyClose', job).catch(() => undefined);
  }
}

function rowsOf(chunk: HistoryChunk, from: number, to: number): HistoryRow[] {
  const { t, quality, values, boolean } = chunk;
  // an import is looked up anew each time it is named
  const good = GOOD;
  const rows = new Array<HistoryRow>(to - from);
  for (let i = from; i < to; i++) {
    const value = values[i]!;
    const code = quality[i]!;
    // rows of two numbers are made apart from others, and so take least
    if (code === good && !boolean && typeof value === 'number' && !Number.isNaN(value)) rows[i - from] = [t[i]!, value];
    else rows[i - from] = otherRow(t[i]!, boolean ? truth(value) : value, code);
  }
  return rows;
}

const truth = (value: HistoryChunk['values'][number]): HistoryChunk['values'][number] | boolean =>
  typeof value === 'number' && !Number.isNaN(value) ? value === 1 : value;

function otherRow(t: number, raw: HistoryValue, code: number): HistoryRow {
  const value = typeof raw === 'number' && Number.isNaN(raw) ? null : raw;
  return code === GOOD ? [t, value] : [t, value, qualityName(code)];
}
