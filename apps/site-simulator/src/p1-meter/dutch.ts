import { formatLocalTst, hexText, type EncodableObject } from '@smx-edge/protocols/p1';
import type { VolumeReading } from '../house/index.js';
import { coarsePower, cubicMetres, currents, netPower, object, phasePowers, phases, registers, tst, voltages, volume, type Source } from './objects.js'; // prettier-ignore

/** DSMR P1 5.0.2 and 4.2.2 §6.12; version 4 has no voltages and reads its sub-meters on the hour. */
export function dutch(source: Source, five: boolean): EncodableObject[] {
  const { house, serial } = source;
  const read = (meter: { captured: VolumeReading; hourly: VolumeReading }): VolumeReading => five ? meter.captured : meter.hourly; // prettier-ignore
  return [
    object('1-3:0.2.8', five ? '50' : '42'),
    object('0-0:1.0.0', tst(source, house.t)),
    object('0-0:96.1.1', hexText(serial)),
    ...registers(source, 'night'),
    ...netPower(source),
    object('0-0:96.7.21', '00005'),
    object('0-0:96.7.9', '00002'),
    object('1-0:99.97.0', '2', '0-0:96.7.19', '210314093211W', '0000000743*s', '230718154502S', '0000002981*s'),
    ...phases(32, '32.0', () => '00001'),
    ...phases(32, '36.0', () => '00000'),
    ...(five ? [] : [object('0-0:96.13.1', '')]),
    object('0-0:96.13.0', ''),
    ...(five ? voltages(source) : []),
    ...currents(source, 0),
    ...phasePowers(source),
    object('0-1:24.1.0', '003'),
    object('0-1:96.1.0', hexText(source.gasSerial)),
    object('0-1:24.2.1', ...volume(source, read(house.gas))),
    object('0-2:24.1.0', '007'),
    object('0-2:96.1.0', hexText(source.waterSerial)),
    object('0-2:24.2.1', ...volume(source, read(house.water))),
  ];
}

/** Wall clock of the meter, as if it were UTC. */
const local = ({ house, clock }: Source, t: number): number => t + clock + house.zone.offset(t);

function old(source: Source, digits: number): EncodableObject[] {
  const { power } = source.house.meter;
  return [
    object('0-0:96.1.1', hexText(source.serial)),
    ...registers(source, 'night', 8),
    object('1-0:1.7.0', coarsePower(power, digits)),
    object('1-0:2.7.0', coarsePower(-power, digits)),
  ];
}

/** DSMR P1 3.0: no clock, no phases, gas hourly over two lines. */
export function dutchThree(source: Source): EncodableObject[] {
  const { litres, t } = source.house.gas.hourly;
  return [
    ...old(source, 5),
    object('0-0:17.0.0', '025*A'),
    object('0-0:96.3.10', '1'),
    object('0-0:96.13.1', ''),
    object('0-0:96.13.0', ''),
    object('0-1:96.1.0', hexText(source.gasSerial)),
    object('0-1:24.1.0', '03'),
    object('0-1:24.3.0', formatLocalTst(local(source, t)), '00', '60', '1', '0-1:24.2.1', 'm3'),
    // the reading stands on a line of its own
    object('', cubicMetres(litres, '')),
    object('0-1:24.4.0', '1'),
  ];
}

/** DSMR P1 2.2 §5.9: as 3.0, with gas under a medium of its own and its last 24 hourly readings. */
export function dutchTwo(source: Source): EncodableObject[] {
  const dated = (t: number): string => new Date(local(source, t)).toISOString().slice(2, 19).replace('T', ' ');
  return [
    ...old(source, 6),
    object('0-0:17.0.0', '025*A'),
    object('0-0:24.4.0', '1'),
    object('0-0:96.13.1', ''),
    object('0-0:96.13.0', ''),
    object('7-0:0.0.0', hexText(source.gasSerial)),
    ...source.house.gas.hours.map(({ litres, t }) => object('7-0:23.1.0', cubicMetres(litres), dated(t))),
    object('7-0:24.4.0', '1'),
  ];
}
