import { hexText, peakHistoryGroups, type EncodableObject } from '@smx-edge/protocols/p1';
import { currents, netPower, object, phasePowers, power, registers, tst, voltages, volume, type Source } from './objects.js'; // prettier-ignore

const CODES = { '1.3': 50213, '1.4': 50214, '1.5': 50215, '1.6': 50216, '1.7.1': 50217, '2.1': 50221 } as const;
export type EmucsVersion = keyof typeof CODES;

/** EAN of the connection and of its sub-meters, printed from 2.1 on. */
const EAN = ['541440012345678900', '541440012345678917', '541440012345678924'] as const;

/** eMUCS-P1 §5, a three-phase meter with gas on M-Bus channel 1 and, from 1.6 on, water on channel 2. */
export function belgian(source: Source, version: EmucsVersion): EncodableObject[] {
  const { house } = source;
  const code = CODES[version];
  const two = version === '2.1';
  const ean = (line: string, n: 0 | 1 | 2): EncodableObject[] => (two ? [object(line, hexText(EAN[n]))] : []);
  return [
    object('0-0:96.1.4', `${code}`),
    object('0-0:96.1.1', hexText(source.serial)),
    ...ean('0-0:96.1.2', 0),
    object('0-0:1.0.0', tst(source, house.t)),
    ...registers(source, 'day'),
    ...(code >= 50217 ? peaks(source) : []),
    ...netPower(source),
    ...(code >= 50215 ? phasePowers(source) : []),
    ...voltages(source),
    ...currents(source, code > 50213 ? 2 : 0),
    ...(two ? [object('1-0:94.32.1', '400')] : []),
    object('0-0:96.3.10', '1'),
    object('0-0:17.0.0', two ? '99.999*kW' : '999.9*kW'),
    object('1-0:31.4.0', two ? '999.99*A' : '999*A'),
    ...(two ? [1, 2, 3, 4].map((relay) => object(`0-${relay}:96.3.10`, '0')) : []),
    object('0-0:96.13.0', ''),
    object('0-1:24.1.0', '003'),
    object('0-1:96.1.1', hexText(source.gasSerial)),
    ...ean('0-1:96.1.2', 1),
    object('0-1:24.4.0', '0'),
    object('0-1:24.2.3', ...volume(source, house.gas.captured)),
    ...(code < 50216
      ? []
      : [
          object('0-2:24.1.0', '007'),
          object('0-2:96.1.1', hexText(source.waterSerial)),
          ...ean('0-2:96.1.2', 2),
          object(two ? '0-2:24.2.3' : '0-2:24.2.1', ...volume(source, house.water.captured)),
        ]),
  ];
}

/** Running quarter, month and 13 months before it (eMUCS-P1 1.7.1). */
function peaks(source: Source): EncodableObject[] {
  const { monthPeak, peaks: months, demand } = source.house.meter;
  const history = months.map(({ closing, at, watt }) => ({ closed: closing, at, power: Math.floor(watt) }));
  return [
    object('1-0:1.4.0', power(demand)),
    // before the first quarter of a month the meter has no peak to date
    object('1-0:1.6.0', monthPeak.at === 0 ? '632525252525W' : tst(source, monthPeak.at), power(monthPeak.watt)),
    object('0-0:98.1.0', ...peakHistoryGroups(history, (t) => tst(source, t))),
  ];
}
