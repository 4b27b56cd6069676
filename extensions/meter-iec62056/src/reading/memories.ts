import type { Device, SmxContext } from '@smx-edge/extension-api';
import type { EventPace } from '@smx-edge/extension-api/metering';
import { logMemory } from '../event-log/log-memory.js';
import type { Asker } from '../load-profile/asker.js';
import { LoadProfile } from '../load-profile/load-profile.js';
import type { MeterProfile } from '../profile/meter-profile.js';
import type { IecConfig, MeterSettings } from '../settings.js';

/** Between looks for new entries of a log, ms. */
const LOGS_EVERY = 60_000;
/** Addresses of logs (VDEW Lastenheft 2.1): P.98 and its like; the others are load profiles. */
const LOG = /P\.(9\d|2\d\d)/;

/** Something the meter wrote down by itself, to be brought over bit by bit. */
interface Memory {
  step(asker: Asker, left: number): Promise<boolean>;
}

export interface MemoriesOptions {
  readonly smx: Pick<SmxContext<IecConfig>, 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly family: MeterProfile;
  readonly device: Device;
  readonly pace: EventPace;
  behind(): number;
}

export interface Memories {
  /** Logs first: one is short, and tells why rows of a load profile may be missing. */
  readonly all: readonly Memory[];
  readonly profiles: readonly LoadProfile[];
}

/** The load profiles and logs that are wanted of a meter. */
export function memoriesOf({ smx, meter, family, device, pace, behind }: MemoriesOptions): Memories {
  const { zone, backFill } = meter;
  const shared = { family, device, zone, backFill, state: smx.state, log: smx.log, now: smx.now };
  const logs = family.profiles
    .filter((name) => LOG.test(name))
    .map((name) => logMemory({ ...shared, name, meter: meter.serial ?? meter.address ?? '', every: LOGS_EVERY, pace, behind })); // prettier-ignore
  const profiles = family.profiles
    .filter((name) => !LOG.test(name))
    .map((name) => new LoadProfile({ ...shared, name }));
  return { all: [...logs, ...profiles], profiles };
}
