import type { EventInit } from '@smx-edge/extension-api';
import type { EventKind, PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import type { Channels } from '../samples/wiring.js';

const WORDS: Readonly<Record<EventKind, string>> = {
  dip: 'Voltage dip',
  swell: 'Voltage swell',
  interruption: 'Interruption',
  'rapid-change': 'Rapid voltage change',
};

/** What the box tells of an event: `data` with s, V and shares of the declared voltage. */
export function eventInit(event: PowerQualityEvent, { voltages }: Channels): EventInit {
  const { kind, start, duration, stampedDuration, extreme, depth, steadyChange } = event;
  const phases = event.phases.map((k) => voltages[k] ?? String(k));
  const digits = (value: number, n: number): number | null =>
    Number.isFinite(value) ? Number(value.toFixed(n)) : null;
  const place = phases.length === 0 ? '' : ` on ${phases.join(', ')}`;
  // a change to another voltage has no end
  const ms = Math.round(duration * 1000);
  const long = ms > 0 ? ` of ${ms} ms` : '';
  const beside = event.isFlagged ? '; samples were lost beside it' : '';
  return {
    severity: kind === 'interruption' ? 'warning' : 'info',
    t: Math.round(start),
    text: `${WORDS[kind]}${long}${place}: ${extreme.toFixed(1)} V${beside}`,
    data: {
      ...{ duration: digits(duration, 4), stampedDuration: digits(stampedDuration, 4) },
      ...{ extreme: digits(extreme, 2), depth: digits(depth, 4), steadyChange: digits(steadyChange, 4), phases },
      ...(event.isFlagged && { flagged: true }),
    },
  };
}
