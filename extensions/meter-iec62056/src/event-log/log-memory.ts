import type { Device, InstanceState } from '@smx-edge/extension-api';
import { EventLog, type Entries, type EventPace } from '@smx-edge/extension-api/metering';
import type { Log, Zone } from '@smx-edge/model';
import { readRange, type Asker } from '../load-profile/asker.js';
import { requestRange } from '../points/meter-stamp.js';
import type { MeterProfile } from '../profile/meter-profile.js';
import { entriesOf } from './entries.js';

const MINUTE = 60_000;
const NOTHING: Entries = { entries: [], timeless: 0 };

export interface LogMemoryOptions {
  /** As the meter names it, `P.98`. */
  readonly name: string;
  readonly family: MeterProfile;
  readonly device: Device;
  readonly zone: Zone;
  readonly state: InstanceState;
  /** Distinguishes the meter from another that stood there before. */
  readonly meter: string;
  /** ms. */
  readonly backFill: number;
  /** ms between looks for new entries. */
  readonly every: number;
  readonly pace: EventPace;
  readonly log: Log;
  now(): number;
  behind(): number;
  signedOn(): number;
}

/** The log of a meter, told as events. */
export function logMemory(o: LogMemoryOptions): EventLog<Asker> {
  const { name, family, zone, device, state, every, pace, log, now, behind, signedOn } = o;
  const from = now() - o.backFill;
  const ask = (asker: Asker, first: number, last: number): Promise<string> => {
    // a request knows no seconds, so its end is one minute on
    const { start, end } = requestRange({ from: first, to: last + MINUTE }, zone, family.digits);
    return asker.read(family.profileCommand, `${name}(${start};${end})`);
  };
  const fetch = async (asker: Asker, first: number, last: number): Promise<Entries> => {
    const text = await readRange(
      () => ask(asker, first, last),
      () => ask(asker, from, now()),
    );
    return text === undefined ? NOTHING : entriesOf(text, zone);
  };
  const key = `log:${device.name}:${o.meter}:${name}`;
  return new EventLog({
    ...{ name, names: family, device, state, key, from, every, log, pace, now, behind, signedOn, fetch },
  });
}
