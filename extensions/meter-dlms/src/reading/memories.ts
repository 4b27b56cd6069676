import type { Device, SmxContext } from '@smx-edge/extension-api';
import { BackFill, EventLog, isOfObject, type Entries, type EventPace } from '@smx-edge/extension-api/metering';
import type { Log, ProfileRow } from '@smx-edge/model';
import { entriesOf } from '../event-log/entries.js';
import { learnCapture, rangeOf, type Capture, type CaptureOptions } from '../load-profile/capture.js';
import { rowFetch } from '../load-profile/fetch.js';
import { stampOf } from '../load-profile/meter-time.js';
import type { Catalogue } from '../objects/catalogue.js';
import { CLASS } from '../objects/meter-object.js';
import { readOne, type Session } from '../objects/session.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';

/** What the meter wrote down by itself, to be brought over. */
export interface Memories {
  readonly profiles: readonly BackFill<Session, ProfileRow>[];
  readonly logs: readonly EventLog<Session>[];
}

export interface MemoriesOptions {
  readonly smx: Pick<SmxContext<DlmsConfig>, 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly device: Device;
  readonly catalogue: Catalogue;
  readonly pace: EventPace;
  /** How far the meter's clock is behind the box's, ms; 0 where it is not, or not known. */
  behind(): number;
}

/** The load profiles and event logs that are wanted of a meter and that it has. Rejects as a session does. */
export async function memoriesOf(session: Session, options: MemoriesOptions): Promise<Memories> {
  return { profiles: await profilesOf(session, options), logs: await logsOf(session, options) };
}

async function profilesOf(
  session: Session,
  { smx, meter, device, catalogue }: MemoriesOptions,
): Promise<BackFill<Session, ProfileRow>[]> {
  const clock = catalogue.find(meter.profile.clock);
  const found: BackFill<Session, ProfileRow>[] = [];
  for (const code of meter.profile.profiles) {
    const object = catalogue.find(code);
    if (object?.classId !== CLASS.profile || clock === undefined) {
      warn(smx.log, meter.device, code);
      continue;
    }
    const capture = await shownCapture(session, { profile: object, catalogue, clock, list: meter.profile.list }, { smx, meter }); // prettier-ignore
    if (capture === undefined) continue;
    const columns = capture.columns.flatMap((column) => (column.kind === 'value' ? [column.column] : []));
    if (capture.period <= 0 || columns.length === 0 || !capture.columns.some(({ kind }) => kind === 'clock')) {
      warn(smx.log, meter.device, code);
      continue;
    }
    const profile = device.profile(code.replace('*', '_'), { period: capture.period, columns });
    const start = smx.now() - meter.backFill;
    const from = start - (start % capture.period);
    const fetch = rowFetch({ object, capture, zone: meter.zone, stamp: meter.profile.stamp });
    found.push(new BackFill({ name: object.obis, period: capture.period, profile, device, from, log: smx.log, now: smx.now, fetch })); // prettier-ignore
  }
  return found;
}

async function logsOf(
  session: Session,
  { smx, meter, device, catalogue, pace, behind }: MemoriesOptions,
): Promise<EventLog<Session>[]> {
  const { profile, zone, backFill } = meter;
  const clock = catalogue.find(profile.clock);
  const without = (code: string): void =>
    smx.log.info('the meter has no such event log with a clock', { device: meter.device, log: code });
  const found: EventLog<Session>[] = [];
  for (const code of profile.eventLogs) {
    const object = catalogue.find(code);
    if (object?.classId !== CLASS.profile || clock === undefined) {
      without(code);
      continue;
    }
    const capture = await shownCapture(
      session,
      { profile: object, catalogue, clock, list: profile.list },
      { smx, meter },
    );
    if (capture === undefined) continue;
    if (!capture.columns.some(({ kind }) => kind === 'clock')) {
      without(code);
      continue;
    }
    const key = `log:${meter.device}:${catalogue.identity.serial ?? ''}:${code}`;
    const fetch = async (asked: Session, from: number, to: number): Promise<Entries> => {
      const selector = rangeOf(capture.clock, stampOf(from, zone), stampOf(to, zone));
      const buffer = await readOne(asked, { object, attribute: 2, selector });
      return entriesOf(buffer, { ...capture, zone, numbers: profile.eventNumbers });
    };
    found.push(new EventLog({ name: object.obis, names: profile, device, state: smx.state, key, from: smx.now() - backFill, every: meter.registers, log: smx.log, pace, now: smx.now, behind, fetch })); // prettier-ignore
  }
  return found;
}

/** Undefined for one that this client may not read, or not understand: it may not cost all that can be read. */
async function shownCapture(
  session: Session,
  options: CaptureOptions,
  { smx, meter }: Pick<MemoriesOptions, 'smx' | 'meter'>,
): Promise<Capture | undefined> {
  try {
    return await learnCapture(session, options);
  } catch (error) {
    if (!isOfObject(error)) throw error;
    smx.log.warn('a log or load profile cannot be read and is left out', { device: meter.device, object: options.profile.obis, error: error.message }); // prettier-ignore
    return undefined;
  }
}

function warn(log: Log, device: string, profile: string): void {
  log.warn('the meter has no such load profile with a clock, a period and values', { device, profile });
}
