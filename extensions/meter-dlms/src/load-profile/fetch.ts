import { readable } from '@smx-edge/extension-api/metering';
import type { ProfileRow, Zone } from '@smx-edge/model';
import type { MeterObject } from '../objects/meter-object.js';
import { readOne, type Session } from '../objects/session.js';
import { bytesOf } from '../objects/values.js';
import { rangeOf, type Capture } from './capture.js';
import { stampOf } from './meter-time.js';
import { rowsOf } from './rows.js';

export interface FetchOptions {
  readonly object: MeterObject;
  readonly capture: Capture;
  readonly zone: Zone;
  readonly stamp: 'end' | 'start';
}

/** How rows of one load profile that end behind `from` and up to `to`, ms UTC, are read. */
export function rowFetch({
  object,
  capture,
  zone,
  stamp,
}: FetchOptions): (session: Session, from: number, to: number) => Promise<ProfileRow[]> {
  const shift = stamp === 'end' ? 0 : capture.period;
  return async (session, from, to) => {
    // the first bound is in the range as well, so it stands a second behind the row that is here already
    const selector = rangeOf(capture.clock, stampOf(from - shift + 1000, zone), stampOf(to - shift, zone));
    const buffer = await readOne(session, { object, attribute: 2, selector });
    return readable(
      () => rowsOf(buffer, { ...capture, zone, stamp }),
      () => bytesOf(buffer),
    );
  };
}
