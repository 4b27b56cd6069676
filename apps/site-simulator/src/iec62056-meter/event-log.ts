import { encodeStamp } from '@smx-edge/protocols/iec62056-21';
import type { MeterEvent, MeterSource } from '../billing/index.js';
import { clockValues, stampOf } from './clock.js';
import type { Dialect } from './dialect.js';
import type { Interval } from './load-profile.js';

/** Bits of the status word of VDEW meters. */
const STATUS: Readonly<Record<MeterEvent['what'], string>> = {
  'power-down': '0080',
  'power-up': '0040',
  'clock-change': '0008',
};
const ADDRESS = 'P.98';
const HOUR = 3_600_000;

/** What happened to the meter in a stretch of time; where clocks changed, what they showed before. */
export function eventLog({ house, memory }: MeterSource, { from, to }: Interval, dialect: Dialect): string {
  const lines = memory.events
    .filter(({ t }) => t >= from && t <= to)
    .map(({ t, what }) => {
      const stamp = stampOf(t, house.zone);
      const { local, season } = stamp;
      const isSummer = season === 'summer';
      const before = { local: local + (isSummer ? -HOUR : HOUR), season: isSummer ? 'standard' : 'summer' } as const;
      const { date, time } = clockValues(before, dialect.clock);
      const rest = what === 'clock-change' ? `(2)(0.9.1)()(0.9.2)()(${time})(${date})` : '(0)';
      return `${ADDRESS}(${encodeStamp(stamp, 13)})(${STATUS[what]})()${rest}`;
    });
  return lines.length === 0 ? `${ADDRESS}()\r\n` : `${lines.join('\r\n')}\r\n`;
}
