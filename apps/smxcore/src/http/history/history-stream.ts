import { Readable } from 'node:stream';
import type { HistoryRow } from '@smx-edge/model';
import type { GrantedHistory } from '@smx-edge/access';

/** `{"points":{path:[rows…],…}}` piece by piece; no more than one chunk of rows is held. */
async function* json(points: readonly GrantedHistory[]): AsyncGenerator<string> {
  let open = '{"points":{';
  for (const { path, rows } of points) {
    let before = `${open}${JSON.stringify(path)}:[`;
    for await (const chunk of rows) {
      if (chunk.length === 0) continue;
      yield before + JSON.stringify(chunk).slice(1, -1);
      before = ',';
    }
    open = before === ',' ? '],' : `${before}],`;
  }
  yield open === '{"points":{' ? '{"points":{}}' : `${open.slice(0, -1)}}}`;
}

/** A cell of RFC 4180; numbers and times need no quotes. */
function cell(value: HistoryRow[1]): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : value.join(' ');
  // a leading = + - @ would run as a formula in a spreadsheet
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function* csv(points: readonly GrantedHistory[]): AsyncGenerator<string> {
  yield 'path,t,time,value,quality\r\n';
  for (const { path, rows } of points)
    for await (const chunk of rows) {
      let text = '';
      for (const [t, value, quality = 'good'] of chunk)
        text += `${path},${t},${new Date(t).toISOString()},${cell(value)},${quality}\r\n`;
      if (text !== '') yield text;
    }
}

export function historyStream(points: readonly GrantedHistory[], form: 'json' | 'csv'): Readable {
  return Readable.from(form === 'csv' ? csv(points) : json(points), { objectMode: true, highWaterMark: 1 });
}
