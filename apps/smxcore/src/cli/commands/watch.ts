import { SmxError, type ErrorCode, type PointType } from '@smx-edge/model';
import type { PointAnswer, SampleAnswer } from '../../http/answers.js';
import { text, type CommandRun } from '../command.js';
import { ask, askJson } from '../client.js';
import { print } from '../out.js';
import { readEvents } from '../server-events.js';
import { targetOf } from '../target.js';
import { timeText, valueText } from '../values.js';

function countOf(given: string | undefined): number {
  if (given === undefined) return Infinity;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new SmxError('SMX_CONFIG_INVALID', `--count takes a whole number from 1, not "${given}"`);
  return count;
}

/** `smx watch FILTER`: a line per value; JSON gives one object per line. */
export const watch: CommandRun = async (invocation) => {
  const target = targetOf(invocation);
  const match = invocation.args[0];
  const json = invocation.values['json'] === true;
  let left = countOf(text(invocation, 'count'));
  const known = json ? [] : await askJson<PointAnswer[]>(target, '/api/v1/points', { query: { match } });
  const width = Math.max(0, ...known.map(({ path }) => path.length));
  const meta = new Map<string, { unit: string | null; type: PointType }>(known.map((point) => [point.path, point]));
  const response = await ask(target, '/api/v1/stream', { query: { match }, accept: 'text/event-stream' });
  for await (const { event, data } of readEvents(response)) {
    if (event === 'end') {
      const { code, detail } = JSON.parse(data) as { code: ErrorCode; detail: string };
      throw new SmxError(code, detail);
    }
    if (event !== 'sample') continue;
    if (json) print(data);
    else {
      const { path, v, t, q } = JSON.parse(data) as SampleAnswer;
      const { unit = null, type } = meta.get(path) ?? {};
      print(
        `${timeText(t)}  ${path.padEnd(width)}  ${valueText(v, type)}${unit === null ? '' : ` ${unit}`}${q === 'good' ? '' : `  ${q}`}`,
      );
    }
    if (--left <= 0) {
      response.destroy();
      return 0;
    }
  }
  throw new SmxError('SMX_HTTP_UNREACHABLE', 'the core ended the stream; is it still running?');
};
