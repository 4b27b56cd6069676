import type { IncomingMessage } from 'node:http';
import { SmxError, type ErrorCode, type PointType } from '@smx-edge/model';
import type { PointAnswer, SampleAnswer } from '../../http/answers.js';
import { text, type CommandRun } from '../command.js';
import { ask, askJson } from '../client.js';
import { print } from '../out.js';
import { readEvents, type ServerEvent } from '../server-events.js';
import { targetOf } from '../target.js';
import { UsageError } from '../usage-error.js';
import { timeText, valueText } from '../values.js';

function countOf(given: string | undefined): number {
  if (given === undefined) return Infinity;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--count takes a whole number from 1, not "${given}"`);
  return count;
}

/** The events of a stream; one that we broke off ourselves just ends. */
async function* eventsUntil(
  response: IncomingMessage,
  stopped: { readonly asked: boolean },
): AsyncGenerator<ServerEvent> {
  try {
    yield* readEvents(response);
  } catch (error) {
    if (!stopped.asked) throw error;
  }
}

/** `smx watch FILTER`: a line per value, until Ctrl-C; JSON gives one object per line. */
export const watch: CommandRun = async (invocation) => {
  const target = targetOf(invocation);
  const match = invocation.args[0];
  const json = invocation.values['json'] === true;
  let left = countOf(text(invocation, 'count'));
  const known = json ? [] : await askJson<PointAnswer[]>(target, '/api/v1/points', { query: { match } });
  const width = Math.max(0, ...known.map(({ path }) => path.length));
  const meta = new Map<string, { unit: string | null; type: PointType }>(known.map((point) => [point.path, point]));
  const response = await ask(target, '/api/v1/stream', { query: { match }, accept: 'text/event-stream' });
  const stopped = { asked: false };
  const stop = (): void => {
    stopped.asked = true;
    response.destroy();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  for await (const { event, data } of eventsUntil(response, stopped)) {
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
  if (stopped.asked) return 0;
  throw new SmxError('SMX_HTTP_UNREACHABLE', 'the core ended the stream; is it still running?');
};
