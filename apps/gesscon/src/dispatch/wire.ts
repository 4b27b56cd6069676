import type { Order } from './order.js';

const DAY = 86_400_000;
const SECOND = 1000;

/** A message on a down topic. */
export interface Outgoing {
  readonly topic: 'cmd' | 'schedule';
  readonly body: object;
}

/**
 * What is sent of an order now. It is the same order each time, since the box knows it by its id: with what is left of its
 * lease; once that is over, with an issue time so old that a box which never had it refuses it, and one which had it says
 * what became of it (contracts §4: `SMX_COMMAND_STALE`).
 */
export function outgoing(order: Order, now: number): Outgoing {
  const { id, kind, point, body, issued, until, isCancelled } = order;
  const topic = kind === 'command' ? 'cmd' : 'schedule';
  if (isCancelled) return { topic, body: { id, cancel: true } };
  const left = until - now;
  const t = left > 0 ? now : issued - DAY;
  if (kind === 'command')
    return { topic, body: { id, t, point, ...body, ...(left > 0 ? { for: `${left}ms` } : { until }) } };
  const { encoding, step, ...native } = body;
  return { topic, body: encoding === 'senml' ? senml(order) : { id, t, point, step: `${String(step)}ms`, ...native } };
}

/** The schedule as a SenML pack (RFC 8428): the box tells it under the base name, here the id. Times in s. */
function senml({ id, point, body }: Order): object[] {
  const { start, step, unit, values } = body as {
    start: number;
    step: number;
    unit?: string;
    values: readonly number[];
  };
  return values.map((v, i) => ({
    ...(i === 0 ? { bn: id, bt: start / SECOND, ...(unit === undefined ? {} : { bu: unit }) } : {}),
    ...{ n: point, t: (i * step) / SECOND, v },
  }));
}
