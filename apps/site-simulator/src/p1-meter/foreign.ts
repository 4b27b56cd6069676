import { hexText, type EncodableObject } from '@smx-edge/protocols/p1';
import { currents, netPower, object, phasePowers, phases, power, reactivePowers, reactiveSum, totals, tst, voltages, volume, type Source } from './objects.js'; // prettier-ignore

/** Luxembourg Smarty P1 1.1.3 §4: totals without tariffs, reactive power, gas on channel 1 and water on channel 2. */
export function luxembourg(source: Source): EncodableObject[] {
  const { house } = source;
  const { power: watt } = house.meter;
  const reactive = reactiveSum(source);
  const apparent = Math.hypot(watt, reactive);
  return [
    object('1-3:0.2.8', '42'),
    object('0-0:1.0.0', tst(source, house.t)),
    object('0-0:42.0.0', hexText(source.serial)),
    ...totals(source),
    ...netPower(source),
    object('1-0:3.7.0', power(reactive, 5, 'kvar')),
    object('1-0:4.7.0', power(-reactive, 5, 'kvar')),
    object('0-0:17.0.0', '027.6*kVA'),
    object('1-0:9.7.0', power(watt > 0 ? apparent : 0, 5, 'kVA')),
    object('1-0:10.7.0', power(watt > 0 ? 0 : apparent, 5, 'kVA')),
    object('1-1:31.4.0', '040*A', '-040*A'),
    object('0-0:96.3.10', '1'),
    object('0-1:96.3.10', '0'),
    object('0-2:96.3.10', '0'),
    object('0-0:96.7.21', '00005'),
    ...phases(32, '32.0', () => '00001'),
    ...phases(32, '36.0', () => '00000'),
    object('0-0:96.13.0', ''),
    ...voltages(source),
    ...currents(source, 0),
    ...phasePowers(source),
    ...reactivePowers(source),
    object('0-1:24.1.0', '003'),
    object('0-1:96.1.0', hexText(source.gasSerial)),
    object('0-1:24.2.1', ...volume(source, house.gas.captured)),
    object('0-1:24.4.0', '1'),
    object('0-2:24.1.0', '007'),
    object('0-2:96.1.0', hexText(source.waterSerial)),
    object('0-2:24.2.1', ...volume(source, house.water.captured)),
  ];
}

/** Swedish HAN 2.0: active and reactive, total and per phase; no serial, no tariffs, no sub-meters. */
export function swedish(source: Source): EncodableObject[] {
  const reactive = reactiveSum(source);
  return [
    object('0-0:1.0.0', tst(source, source.house.t)),
    ...totals(source, 11),
    ...netPower(source, 7),
    object('1-0:3.7.0', power(reactive, 7, 'kvar')),
    object('1-0:4.7.0', power(-reactive, 7, 'kvar')),
    ...phasePowers(source, 7),
    ...reactivePowers(source, 7),
    ...voltages(source),
    ...currents(source, 1),
  ];
}
