import { fixed, hexText, type EncodableObject } from '@smx-edge/protocols/p1';
import { currents, energy, netPower, object, phasePowers, phases, power, reactivePowers, reactiveSum, registers, totals, tst, voltages, type Source } from './objects.js'; // prettier-ignore

/** A number with `decimals` and a unit; without one where the port prints none. */
const plain = (value: number, digits: number, { decimals, unit }: { decimals: number; unit?: string }): string =>
  fixed(value, { digits, decimals, ...(unit === undefined ? {} : { unit }) });

/** Down to a multiple of 1 / `scale`, as meters cut what they print. */
const cut = (value: number, scale: number): number => Math.floor(value * scale) / scale;

/** Registers of tariffs that no contract uses. */
const unused = (c: number): EncodableObject[] => [3, 4].map((tariff) => object(`1-0:${c}.8.${tariff}`, energy(0)));

/** E.ON Hungary: totals and tariffs, absolute energy, reactive power by quadrant, power factors, frequency, three fuses. */
export function hungarian(source: Source): EncodableObject[] {
  const { house } = source;
  const { meter, grid } = house;
  const { power: watt } = meter;
  const reactive = reactiveSum(source);
  const quadrant = watt >= 0 ? (reactive >= 0 ? 1 : 4) : reactive >= 0 ? 2 : 3;
  const factor = (w: number, q: number): string => {
    const apparent = Math.hypot(w, q);
    return plain(apparent === 0 ? 1 : cut(Math.abs(w) / apparent, 1000), 4, { decimals: 3 });
  };
  const absolute = meter.import.day + meter.import.night + meter.export.day + meter.export.night;
  return [
    object('0-0:1.0.0', tst(source, house.t)),
    object('0-0:42.0.0', hexText(source.serial)),
    object('0-0:96.3.10', '1'),
    object('0-0:17.0.0', '90.000*kW'),
    ...totals(source),
    ...registers(source, 'day'),
    ...unused(1),
    ...unused(2),
    object('1-0:15.8.0', energy(absolute)),
    ...voltages(source),
    ...currents(source, 0),
    object('1-0:13.7.0', factor(watt, reactive)),
    ...phases(33, '7.0', (i) => factor(house.phases[i]!, house.reactive[i]!)),
    object('1-0:14.7.0', plain(cut(grid.frequency, 100), 4, { decimals: 2, unit: 'Hz' })),
    ...netPower(source),
    ...[1, 2, 3, 4].map((q) => object(`1-0:${q + 4}.7.0`, power(q === quadrant ? Math.abs(reactive) : 0, 5, 'kvar'))),
    ...phases(31, '4.0', () => '200.00*A'),
    object('0-0:96.13.0', ''),
  ];
}

/** Swiss Iskra IE meters: as DSMR 5, with a B of 1 in every electrical code. */
export function swiss(source: Source): EncodableObject[] {
  const electrical = [
    ...registers(source, 'day'),
    ...netPower(source),
    ...phasePowers(source),
    ...voltages(source),
    ...currents(source, 0),
  ];
  return [
    object('0-0:1.0.0', tst(source, source.house.t)),
    object('0-0:96.1.0', hexText(source.serial)),
    ...electrical.map(({ obis, groups }) => ({ obis: obis.replace('1-0:', '1-1:'), groups })),
  ];
}

/**
 * Lithuanian ESO: long registers, voltages in kV, currents in kA and frequency in kHz, cut to three decimals, as its
 * meters print them; without their means of 600 s and demand registers.
 */
export function lithuanian(source: Source): EncodableObject[] {
  const { house } = source;
  const { voltage, current, frequency } = house.grid;
  const kilo = (value: number, unit: string): string => plain(cut(value, 1) / 1000, 7, { decimals: 3, unit });
  return [
    object('0-0:1.0.0', tst(source, house.t)),
    ...totals(source, 11),
    ...registers(source, 'day', 11),
    ...phases(32, '7.0', (i) => kilo(voltage[i]!, 'kV')),
    ...phases(31, '7.0', (i) => kilo(current[i]!, 'kA')),
    object('1-0:12.7.0', kilo(Math.max(...voltage), 'kV')),
    object('1-0:11.7.0', kilo(Math.max(...current), 'kA')),
    object('1-0:90.7.0', kilo(current[0]! + current[1]! + current[2]!, 'kA')),
    object('1-0:14.7.0', kilo(frequency, 'kHz')),
    object('1-0:15.7.0', power(Math.abs(house.meter.power), 11)),
    ...netPower(source, 11),
    ...phasePowers(source, 11),
    ...reactivePowers(source, 11),
  ];
}
