import { VirtualClock } from '@smx-edge/model';
import type { LinkAnswer } from '../http/answers.js';
import { northboundMetrics } from './northbound-metrics.js';

it('gives one series for a link that has left another of its name behind', () => {
  const link = {
    name: 'cloud',
    url: 'mqtt://a',
    role: 'r',
    state: 'waiting',
    connects: 2,
    failures: 3,
    sent: 5,
    dropped: 0,
  };
  const links = [link, { ...link, url: 'mqtt://b', connects: 1 }] as unknown as LinkAnswer[];
  const lines = northboundMetrics({ clock: new VirtualClock(), links: () => links, streams: () => [] })
    .join('')
    .split('\n')
    .filter((line) => line.includes('{'));
  const series = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  expect(new Set(series).size).toBe(series.length);
  expect(lines).toContain('smx_link_connects_total{link="cloud"} 3');
});
