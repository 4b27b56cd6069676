import { fixed, formatTst, type EncodableObject } from '@smx-edge/protocols/p1';
import type { House, VolumeReading } from '../house/index.js';

/** What a telegram is made of. */
export interface Source {
  readonly house: House;
  /** Equipment ids as printed on the meters. */
  readonly serial: string;
  readonly gasSerial: string;
  readonly waterSerial: string;
  /** Meter's clock minus true time, ms. */
  readonly clock: number;
}

const { floor, max } = Math;

export const object = (obis: string, ...groups: string[]): EncodableObject => ({ obis, groups });

/** The sum of the phases, var. */
export function reactiveSum({ house: { reactive } }: Source): number {
  return reactive[0]! + reactive[1]! + reactive[2]!;
}

/** Ws as whole Wh in kWh; a register that is full begins again at 0, as real ones do. */
export function energy(wattSeconds: number, digits = 9, unit = 'kWh'): string {
  return fixed(floor(wattSeconds / 3600) % 10 ** digits, { digits, decimals: 3, exponent: 3, unit });
}

/** W that flow in the direction that is positive here, as kW with `decimals`. */
export function power(watt: number, digits = 5, unit = 'kW'): string {
  return fixed(floor(max(0, watt)), { digits, decimals: 3, exponent: 3, unit });
}

/** As `power`, in steps of 10 W as DSMR 2.2 and 3.0 have it. */
export function coarsePower(watt: number, digits: number): string {
  return fixed(floor(max(0, watt) / 10) * 10, { digits, decimals: 2, exponent: 3, unit: 'kW' });
}

export const tst = ({ house, clock }: Source, t: number): string => formatTst(t + clock, house.zone.offset(t));

/** One object per phase; C of l2 and l3 is 20 and 40 higher. */
export function phases(c: number, rest: string, text: (phase: number) => string): EncodableObject[] {
  return [0, 1, 2].map((phase) => object(`1-0:${c + 20 * phase}.${rest}`, text(phase)));
}

export function phasePowers({ house }: Source, digits = 5): EncodableObject[] {
  return [
    ...phases(21, '7.0', (i) => power(house.phases[i]!, digits)),
    ...phases(22, '7.0', (i) => power(-house.phases[i]!, digits)),
  ];
}

/** Reactive power per phase in kvar, and the connection's own objects before it. */
export function reactivePowers({ house }: Source, digits = 5): EncodableObject[] {
  return [
    ...phases(23, '7.0', (i) => power(house.reactive[i]!, digits, 'kvar')),
    ...phases(24, '7.0', (i) => power(-house.reactive[i]!, digits, 'kvar')),
  ];
}

export const voltages = ({ house }: Source): EncodableObject[] =>
  phases(32, '7.0', (i) => fixed(house.grid.voltage[i]!, { digits: 4, decimals: 1, unit: 'V' }));

export function currents({ house }: Source, decimals: 0 | 1 | 2): EncodableObject[] {
  const scale = 10 ** decimals;
  return phases(31, '7.0', (i) =>
    fixed(floor(house.grid.current[i]! * scale) / scale, { digits: 3 + decimals, decimals, unit: 'A' }),
  );
}

export function netPower({ house }: Source, digits = 5): EncodableObject[] {
  const { power: watt } = house.meter;
  return [object('1-0:1.7.0', power(watt, digits)), object('1-0:2.7.0', power(-watt, digits))];
}

/** Registers of tariff 1 and 2; Belgium numbers day 1 and night 2, the Netherlands the other way round. */
export function registers({ house: { meter } }: Source, first: 'day' | 'night', digits = 9): EncodableObject[] {
  const second = first === 'day' ? 'night' : 'day';
  return [
    object('1-0:1.8.1', energy(meter.import[first], digits)),
    object('1-0:1.8.2', energy(meter.import[second], digits)),
    object('1-0:2.8.1', energy(meter.export[first], digits)),
    object('1-0:2.8.2', energy(meter.export[second], digits)),
    object('0-0:96.14.0', (meter.day ? 'day' : 'night') === first ? '0001' : '0002'),
  ];
}

/** Totals of active and reactive energy. */
export function totals({ house: { meter } }: Source, digits = 9): EncodableObject[] {
  return [
    object('1-0:1.8.0', energy(meter.import.day + meter.import.night, digits)),
    object('1-0:2.8.0', energy(meter.export.day + meter.export.night, digits)),
    object('1-0:3.8.0', energy(meter.reactive.import, digits, 'kvarh')),
    object('1-0:4.8.0', energy(meter.reactive.export, digits, 'kvarh')),
  ];
}

/** Reading of a sub-meter with its time. */
export function volume(source: Source, { litres, t }: VolumeReading): [string, string] {
  return [tst(source, t), cubicMetres(litres)];
}

export function cubicMetres(litres: number, unit = '*m3'): string {
  return fixed(litres % 1e8, { digits: 8, decimals: 3, exponent: 3 }) + unit;
}
