import {
  encodeTelegram,
  fixed,
  formatTst,
  hexText,
  peakHistoryGroups,
  type EncodableObject,
} from '@smx-edge/protocols/p1';
import type { House } from '../house/index.js';

export const P1_VERSIONS = ['emucs-1.7.1', 'dsmr-5.0.2', 'dsmr-4.2'] as const;
export type P1Version = (typeof P1_VERSIONS)[number];

/** How often a meter of this version sends, ms. */
export function telegramInterval(version: P1Version): number {
  return version === 'dsmr-4.2' ? 10_000 : 1000;
}

export interface TelegramOptions {
  readonly version: P1Version;
  /** Equipment ids as printed on the meters. */
  readonly serial: string;
  readonly gasSerial: string;
}

/** The telegram a meter of this version would send for the house as it is now. */
export function houseTelegram(house: House, options: TelegramOptions): Uint8Array {
  switch (options.version) {
    case 'emucs-1.7.1':
      return encodeTelegram({ ident: 'FLU5\\253770234_A', objects: belgian(house, options) });
    case 'dsmr-5.0.2':
      return encodeTelegram({ ident: 'ISK5\\2M550T-1012', objects: dutch(house, options, true) });
    case 'dsmr-4.2':
      return encodeTelegram({ ident: 'KFM5KAIFA-METER', objects: dutch(house, options, false) });
  }
}

const object = (obis: string, ...groups: string[]): EncodableObject => ({ obis, groups });
const energy = (wattSeconds: number): string =>
  fixed(Math.floor(wattSeconds / 3600), { digits: 9, decimals: 3, exponent: 3, unit: 'kWh' });
const power = (watt: number): string =>
  fixed(Math.floor(Math.max(0, watt)), { digits: 5, decimals: 3, exponent: 3, unit: 'kW' });
const tst = (house: House, t: number): string => formatTst(t, house.zone.offset(t));

/** One object per phase; C of l2 and l3 is 20 and 40 higher. */
function phases(c: number, rest: string, text: (phase: number) => string): EncodableObject[] {
  return [0, 1, 2].map((phase) => object(`1-0:${c + 20 * phase}.${rest}`, text(phase)));
}

const importPower = (house: House): EncodableObject[] => phases(21, '7.0', (i) => power(house.phases[i]!));
const exportPower = (house: House): EncodableObject[] => phases(22, '7.0', (i) => power(-house.phases[i]!));
const voltages = (house: House): EncodableObject[] =>
  phases(32, '7.0', (i) => fixed(house.grid.voltage[i]!, { digits: 4, decimals: 1, unit: 'V' }));

function netPower({ meter }: House): EncodableObject[] {
  return [object('1-0:1.7.0', power(meter.power)), object('1-0:2.7.0', power(-meter.power))];
}

/** Registers of tariff 1 and 2; Belgium numbers day 1 and night 2, the Netherlands the other way round. */
function registers({ meter }: House, [first, second]: readonly ('day' | 'night')[]): EncodableObject[] {
  return [
    object('1-0:1.8.1', energy(meter.import[first!])),
    object('1-0:1.8.2', energy(meter.import[second!])),
    object('1-0:2.8.1', energy(meter.export[first!])),
    object('1-0:2.8.2', energy(meter.export[second!])),
    object('0-0:96.14.0', (meter.day ? 'day' : 'night') === first ? '0001' : '0002'),
  ];
}

function gasVolume(house: House, hourly: boolean): [string, string] {
  const { litres, t } = hourly ? house.gas.hourly : house.gas.captured;
  return [tst(house, t), fixed(litres, { digits: 8, decimals: 3, exponent: 3, unit: 'm3' })];
}

/** eMUCS-P1 1.7.1 §5, a three-phase meter with a gas meter on M-Bus channel 1. */
function belgian(house: House, { serial, gasSerial }: TelegramOptions): EncodableObject[] {
  const { monthPeak, peaks, demand } = house.meter;
  const history = peaks.map(({ closing, at, watt }) => ({ closed: closing, at, power: Math.floor(watt) }));
  return [
    object('0-0:96.1.4', '50217'),
    object('0-0:96.1.1', hexText(serial)),
    object('0-0:1.0.0', tst(house, house.t)),
    ...registers(house, ['day', 'night']),
    object('1-0:1.4.0', power(demand)),
    // before the first quarter of a month the meter has no peak to date
    object('1-0:1.6.0', monthPeak.at === 0 ? '632525252525W' : tst(house, monthPeak.at), power(monthPeak.watt)),
    object('0-0:98.1.0', ...peakHistoryGroups(history, (t) => tst(house, t))),
    ...netPower(house),
    ...importPower(house),
    ...exportPower(house),
    ...voltages(house),
    ...phases(31, '7.0', (i) => fixed(house.grid.current[i]!, { digits: 5, decimals: 2, unit: 'A' })),
    object('0-0:96.3.10', '1'),
    object('0-0:17.0.0', '999.9*kW'),
    object('1-0:31.4.0', '999*A'),
    object('0-0:96.13.0', ''),
    object('0-1:24.1.0', '003'),
    object('0-1:96.1.1', hexText(gasSerial)),
    object('0-1:24.4.0', '0'),
    object('0-1:24.2.3', ...gasVolume(house, false)),
  ];
}

/** DSMR P1 5.0.2 and 4.2.2 §6.12; version 4 has no voltages and reads gas on the hour. */
function dutch(house: House, { serial, gasSerial }: TelegramOptions, five: boolean): EncodableObject[] {
  return [
    object('1-3:0.2.8', five ? '50' : '42'),
    object('0-0:1.0.0', tst(house, house.t)),
    object('0-0:96.1.1', hexText(serial)),
    ...registers(house, ['night', 'day']),
    ...netPower(house),
    object('0-0:96.7.21', '00005'),
    object('0-0:96.7.9', '00002'),
    object('1-0:99.97.0', '2', '0-0:96.7.19', '210314093211W', '0000000743*s', '230718154502S', '0000002981*s'),
    ...phases(32, '32.0', () => '00001'),
    ...phases(32, '36.0', () => '00000'),
    ...(five ? [] : [object('0-0:96.13.1', '')]),
    object('0-0:96.13.0', ''),
    ...(five ? voltages(house) : []),
    ...phases(31, '7.0', (i) => fixed(Math.floor(house.grid.current[i]!), { digits: 3, decimals: 0, unit: 'A' })),
    ...importPower(house),
    ...exportPower(house),
    object('0-1:24.1.0', '003'),
    object('0-1:96.1.0', hexText(gasSerial)),
    object('0-1:24.2.1', ...gasVolume(house, !five)),
  ];
}
