import { clockObject, dataObject, type MeterObject } from '@smx-edge/protocols/dlms';
import type { MeterSource } from '../billing/index.js';
import type { Family } from './family.js';
import { eventLog, loadProfile } from './profiles.js';
import { registers } from './registers.js';
import { clockOf, octets, stamp, text, unsigned } from './values.js';

export interface ObjectOptions {
  readonly family: Family;
  readonly serial: string;
  /** ms by which the meter's clock is ahead. */
  readonly clockError: () => number;
  /** Every instantaneous value; else the twelve that are read each second. */
  readonly isFull: boolean;
}

const HOUR = 3_600_000;
const YEARLY = 0xffff;
const EVERY = 0xff;
const SUNDAY = 7;
const LAST = 0xfe;

/** What a meter tells whoever asks: who it is and what time it has. */
export function publicObjects(source: MeterSource, { family, serial, clockError }: ObjectOptions): MeterObject[] {
  const { house, now } = source;
  const time = () => {
    const t = now();
    return stamp(t + clockError(), clockOf(t, house.zone));
  };
  return [
    dataObject({ name: octets('0-0:42.0.0'), baseName: 2048 }, text(`${family.manufacturer}${serial}`)),
    dataObject({ name: octets('0-0:96.1.0'), baseName: 4096 }, text(serial)),
    dataObject({ name: octets('1-0:0.2.0'), baseName: 4352 }, text(family.firmware)),
    clockObject(
      { name: octets('0-0:1.0.0'), baseName: 11_200 },
      {
        time,
        zone: -(house.zone.offset(house.t) - (house.zone.isSummer(house.t) ? HOUR : 0)) / 60_000,
        status: () => unsigned(house.zone.isSummer(now()) ? 0x80 : 0),
        dstBegin: changeDay(3),
        dstEnd: changeDay(10),
        dstDeviation: 60,
      },
    ),
  ];
}

/** All there is on the meter. */
export function allObjects(source: MeterSource, options: ObjectOptions): MeterObject[] {
  const { family, isFull } = options;
  return [
    ...publicObjects(source, options),
    ...registers(source.house, family, isFull),
    loadProfile(source, family),
    eventLog(source, family),
  ];
}

/** The last Sunday of a month, each year at 2 h. */
function changeDay(month: number) {
  const octetsOfDay = Uint8Array.of(YEARLY >> 8, YEARLY & 0xff, month, LAST, SUNDAY, 2, 0, 0, EVERY, 0x80, 0, EVERY);
  return { type: 'octet-string', value: octetsOfDay } as const;
}
