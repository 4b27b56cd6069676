import { GOOD, qualityName, type HistoryQuery, type HistoryRow, type HistoryValue } from '@smx-edge/model';
import type { HistoryChunk } from '../worker/protocol.js';
import type { ThreadLink } from './thread-link.js';

let lastJob = 0;

/**
 * Rows of one query, chunk by chunk as they are taken; one chunk is read ahead. Leaving the loop ends the reading.
 * Rejects with SMX_HTTP_BAD_REQUEST, SMX_POINT_TYPE, SMX_STORE_FAILED.
 */
export async function* readHistory(
  link: ThreadLink,
  query: HistoryQuery,
): AsyncGenerator<readonly HistoryRow[], void, undefined> {
  const job = ++lastJob;
  await link.ask('historyOpen', { job, ...query });
  let ahead = link.ask('historyNext', job);
  let done = false;
  try {
    while (!done) {
      const chunk = await ahead;
      ({ done } = chunk);
      if (!done) {
        ahead = link.ask('historyNext', job);
        // a failure is met when this chunk is taken; until then it must not count as unheard
        ahead.catch(() => undefined);
      }
      if (chunk.t.length > 0) yield rowsOf(chunk);
    }
  } finally {
    if (!done) await link.ask('historyClose', job).catch(() => undefined);
  }
}

function rowsOf({ t, quality, values, boolean }: HistoryChunk): HistoryRow[] {
  const rows: HistoryRow[] = [];
  for (let i = 0; i < t.length; i++) {
    const raw = values[i] ?? null;
    let value: HistoryValue = typeof raw === 'number' && Number.isNaN(raw) ? null : raw;
    if (boolean && value !== null) value = value === 1;
    const code = quality[i]!;
    rows.push(code === GOOD ? [t[i]!, value] : [t[i]!, value, qualityName(code)]);
  }
  return rows;
}
