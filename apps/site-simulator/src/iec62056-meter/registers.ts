import { fixed } from '@smx-edge/protocols/p1';
import { ENERGY, INSTANTANEOUS, MORE, type MeterSource, type Quantity } from '../billing/index.js';
import { clockValues, demandTime, stampOf } from './clock.js';
import type { Dialect } from './dialect.js';

/** What an address shows: one line of the readout. */
export interface Register {
  /** As the meter writes it. */
  readonly address: string;
  /** Its values, each in brackets. */
  readonly text: string;
}

export interface RegisterOptions {
  readonly dialect: Dialect;
  readonly serial: string;
  /** ms by which the meter's clock is ahead. */
  readonly clockError: () => number;
}

interface Form {
  readonly digits: number;
  readonly decimals: number;
  /** Power of ten of the unit that is shown. */
  readonly exponent?: number;
  readonly unit?: string;
}

const FORMS: Readonly<Record<Exclude<Quantity['unit'], 'Wh' | 'varh'>, Form>> = {
  V: { digits: 4, decimals: 1, unit: 'V' },
  A: { digits: 5, decimals: 2, unit: 'A' },
  Hz: { digits: 4, decimals: 2, unit: 'Hz' },
  W: { digits: 5, decimals: 3, exponent: 3, unit: 'kW' },
  var: { digits: 5, decimals: 3, exponent: 3, unit: 'kvar' },
  '': { digits: 4, decimals: 3 },
};
const DEMAND: Form = { digits: 6, decimals: 3, exponent: 3, unit: 'kW' };

/** Everything the meter shows, in the order of its readout: who it is, clock, registers, demand, what flows now. */
export function registers(source: MeterSource, { dialect, serial, clockError }: RegisterOptions): Register[] {
  const { house, memory } = source;
  const { date, time } = clockValues(stampOf(source.now() + clockError(), house.zone), dialect.clock);
  const own = (code: string, value: string): Register => ({ address: addressOf(code, dialect), text: `(${value})` });
  const failures = memory.events.filter(({ what }) => what === 'power-down').length;
  return [
    own('F.F', '00000000'),
    own('0.0.0', serial),
    own('0.9.1', time),
    own('0.9.2', date),
    own('0.1.0', String(house.meter.peaks.length).padStart(2, '0')),
    ...ENERGY.map((each) => now(source, dialect, each)),
    ...closings(source, dialect),
    ...demands(source, dialect),
    ...[...INSTANTANEOUS, ...MORE].map((each) => now(source, dialect, each)),
    own('C.7.0', String(failures).padStart(8, '0')),
    own('0.2.1', ''),
  ];
}

function now({ house }: MeterSource, dialect: Dialect, { code, unit, value }: Quantity): Register {
  const shown = value(house);
  const text = unit === 'Wh' || unit === 'varh' ? energy(shown, unit, dialect) : fixed(shown, FORMS[unit]);
  return { address: addressOf(code, dialect), text: `(${text})` };
}

/** A register that is full begins again at 0; it stops at what it has reached. */
function energy(wattHours: number, unit: 'Wh' | 'varh', { energy: [digits, decimals] }: Dialect): string {
  const steps = Math.floor(wattHours / 10 ** (3 - decimals)) % 10 ** digits;
  return fixed(steps, { digits, decimals, exponent: decimals, unit: `k${unit}` });
}

/** Highest mean of a quarter hour, in this month and in those before, the last first, each with its time. */
function demands({ house }: MeterSource, dialect: Dialect): Register[] {
  const { monthPeak, peaks } = house.meter;
  return [monthPeak, ...[...peaks].reverse()].map(({ watt, at }, i) => {
    // of a month that has none yet
    const time = at === 0 ? demandTime({ local: 0 }, dialect.clock).replace(/\d/g, '0') : demandTime(stampOf(at, house.zone), dialect.clock); // prettier-ignore
    return { address: addressOf('1.6.0', dialect, i), text: `(${fixed(watt, DEMAND)})(${time})` };
  });
}

/** What the registers showed at the end of the months the meter remembers, the last first. */
function closings({ house, memory }: MeterSource, dialect: Dialect): Register[] {
  return [...house.meter.peaks].reverse().flatMap(({ closing }, i) => {
    const [row] = memory.between(closing, closing);
    if (row === undefined) return [];
    const shown = (code: string, wattSeconds: number): Register => ({
      address: addressOf(code, dialect, i + 1),
      text: `(${energy(wattSeconds / 3600, 'Wh', dialect)})`,
    });
    return [shown('1.8.0', row.import), shown('2.8.0', row.export)];
  });
}

/** Of the present value, or of that stored so many months ago. */
function addressOf(code: string, { before, behind, stored, own }: Dialect, months = 0): string {
  return `${/^[A-Z]/.test(code) ? own : before}${code}${months === 0 ? behind : `${stored}${String(months).padStart(2, '0')}`}`;
}

/** The register that an address means, in the meter's own words or in shorter ones. */
export function find(all: readonly Register[], asked: string): Register | undefined {
  const short = (address: string): string => address.replace(/^\d+-\d+:/, '').replace(/\*255$/, '');
  const isShort = !asked.includes(':');
  return all.find(({ address }) => address === asked || (isShort ? short(address) === short(asked) : sameCode(address, asked))); // prettier-ignore
}

const sameCode = (one: string, other: string): boolean => one.replace(/\*255$/, '') === other.replace(/\*255$/, '');
