import type { Clock } from '@smx-edge/model';
import type { LaneStatus } from '@smx-edge/northbound';
import type { LinkAnswer } from '../http/answers.js';
import { counter, gauge, type Rows } from './metric-family.js';

export interface NorthboundSources {
  readonly clock: Clock;
  readonly links: () => readonly LinkAnswer[];
  /** Streams of the certain lane by party: links and local ones. */
  readonly streams: () => readonly { readonly party: string; readonly streams: readonly LaneStatus[] }[];
}

/** Links and streams in numbers. */
export function northboundMetrics({ clock, links, streams }: NorthboundSources): string[] {
  const all = links();
  const lanes = streams().flatMap((one) => one.streams.map((lane) => ({ party: one.party, lane })));
  const now = clock.now();
  // a link that was pointed elsewhere leaves one of its name behind until the old broker was told
  const eachLink = (member: 'connects' | 'failures' | 'sent' | 'dropped'): Rows => {
    const sums = new Map<string, number>();
    for (const link of all) if ('connects' in link) sums.set(link.name, (sums.get(link.name) ?? 0) + link[member]);
    return [...sums].map(([link, sum]) => [{ link }, sum] as const);
  };
  const states = new Map(all.map(({ name, state }) => [`${name} ${state}`, { link: name, state }]));
  const eachStream = (value: (lane: LaneStatus) => number): Rows =>
    lanes.map(({ party, lane }) => [{ party, stream: lane.stream }, value(lane)]);
  return [
    gauge(
      'smx_link_state',
      'State of each link, 1 at the one it is in',
      [...states.values()].map((labels) => [labels, 1]),
    ),
    counter('smx_link_connects_total', 'Connections of each link that came up', eachLink('connects')),
    counter('smx_link_failures_total', 'Tries and connections of each link that failed', eachLink('failures')),
    counter('smx_link_sent_total', 'Messages that each link handed to its broker', eachLink('sent')),
    counter('smx_link_dropped_total', 'Messages that the link or its broker did not take', eachLink('dropped')),
    gauge(
      'smx_stream_next',
      'Number of the batch that each stream cuts next',
      eachStream(({ next }) => next),
    ),
    gauge(
      'smx_stream_backlog_batches',
      'Batches of each stream without an ack',
      eachStream(({ behind }) => behind),
    ),
    gauge(
      'smx_stream_backlog_seconds',
      'Age of the oldest batch without an ack, 0 where there is none; absent where it is not known',
      lanes.flatMap(({ party, lane: { stream, behind, since } }) => {
        if (behind > 0 && since === undefined) return [];
        return [[{ party, stream }, since === undefined ? 0 : Math.max(0, now - since) / 1000] as const];
      }),
    ),
    counter(
      'smx_stream_sent_total',
      'Batches that were sent for the first time',
      eachStream(({ sent }) => sent),
    ),
    counter(
      'smx_stream_resent_total',
      'Batches that were sent again',
      eachStream(({ resent }) => resent),
    ),
    counter(
      'smx_stream_refused_acks_total',
      'Acks that were malformed or of another epoch',
      eachStream(({ refused, foreign }) => refused + foreign),
    ),
    gauge(
      'smx_stream_faulty',
      '1 where nothing is cut though it should be',
      eachStream(({ code }) => (code === undefined ? 0 : 1)),
    ),
  ];
}
