import { encodeStamp, type Stamp } from '@smx-edge/protocols/iec62056-21';
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
/** Numbers that makers give them, as here those of a ZMD. */
const NUMBERS: Readonly<Record<MeterEvent['what'], number>> = { 'power-down': 23, 'power-up': 24, 'clock-change': 9 };
const ADDRESS = 'P.98';
const HOUR = 3_600_000;

/** What happened to the meter in a stretch of time. */
export function eventLog({ house, memory }: MeterSource, { from, to }: Interval, dialect: Dialect): string {
  const lines = memory.events
    .filter(({ t }) => t >= from && t <= to)
    .map(({ t, what }) => {
      const stamp = stampOf(t, house.zone);
      const time = encodeStamp(stamp, 13);
      if (dialect.log === 'numbers') return `${ADDRESS}(${time})(0000)()(1)(C.11.0)()(${NUMBERS[what]})`;
      return `${ADDRESS}(${time})(${STATUS[what]})()${what === 'clock-change' ? clockBefore(stamp, dialect) : '(0)'}`;
    });
  return lines.length === 0 ? `${ADDRESS}()\r\n` : `${lines.join('\r\n')}\r\n`;
}

/** What a clock showed before it was changed to this. */
function clockBefore({ local, season }: Stamp, { clock }: Dialect): string {
  const isSummer = season === 'summer';
  const before: Stamp = { local: local + (isSummer ? -HOUR : HOUR), season: isSummer ? 'standard' : 'summer' };
  const { date, time } = clockValues(before, clock);
  return `(2)(0.9.1)()(0.9.2)()(${time})(${date})`;
}
