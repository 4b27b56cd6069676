import { decodeStamp } from '@smx-edge/protocols/iec62056-21';
import type { MeterSource } from '../billing/index.js';
import { instantOf } from './clock.js';
import { eventLog } from './event-log.js';
import { loadProfile, type Interval } from './load-profile.js';
import { find, registers, type RegisterOptions } from './registers.js';

export interface AnswerOptions extends RegisterOptions {
  /** Whether rows of the load profile say when they begin or when they end. */
  readonly stamp: 'start' | 'end';
  /** Characters of a partial block (R6, or R2 in the Turkish dialect). */
  readonly block: number;
  /** Addresses that are shown in the readout, and refused where they are asked for alone. */
  readonly isProtected: (address: string) => boolean;
}

const QUESTION = /^([^()]+)\(([^();]*)(?:;([^();]*))?\)$/;
const PROTECTED = '(ERROR05)';

/** The data block of a readout. */
export function readout(source: MeterSource, options: RegisterOptions): string {
  const lines = registers(source, options).map(({ address, text }) => `${address}${text}\r\n`);
  return `${lines.join('')}!\r\n`;
}

/** Partial blocks of what the meter says to a command, as `R6` and `P.01(…;…)`. */
export function answer(source: MeterSource, options: AnswerOptions): (command: string, data: string) => string[] {
  const { dialect, stamp, block, isProtected } = options;
  const refused = [`(${dialect.unknown})`];
  // the others of its makers answer R5 and R6
  const profileCommands = dialect.profile.layout === 'dated' ? ['R2'] : ['R5', 'R6'];
  return (command, data) => {
    const [, address = '', from = '', to = ''] = QUESTION.exec(data) ?? [];
    if (isProtected(address)) return [PROTECTED];
    if (address === 'P.01' || address === 'P.98') {
      const interval = intervalOf(source, from, to);
      if (interval === undefined || !profileCommands.includes(command)) return refused;
      const text = address === 'P.01' ? loadProfile(source, interval, { dialect: dialect.profile, stamp }) : eventLog(source, interval, dialect); // prettier-ignore
      return command === 'R5' ? [text] : parts(text, block);
    }
    const register = command === 'R1' || command === 'R5' ? find(registers(source, options), address) : undefined;
    if (register === undefined) return refused;
    return [`${dialect.isNaming ? register.address : ''}${register.text}\r\n`];
  };
}

/** An end that is left out is none; undefined where one is no time. */
function intervalOf({ house }: MeterSource, from: string, to: string): Interval | undefined {
  const instant = (text: string, none: number): number | undefined => {
    const stamp = text === '' ? { local: none, season: 'utc' as const } : decodeStamp(text);
    return stamp && instantOf(stamp, house.zone);
  };
  const [first, last] = [instant(from, -Infinity), instant(to, Infinity)];
  return first === undefined || last === undefined ? undefined : { from: first, to: last };
}

function parts(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length));
}
