import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import type { EventPace } from '@smx-edge/extension-api/metering';
import { catalogueOf, keep, type Catalogue, type Progress } from '../objects/catalogue.js';
import type { Session } from '../objects/session.js';
import { MeterPoints } from '../points/meter-points.js';
import { pick } from '../points/selection.js';
import type { DlmsConfig, MeterSettings } from '../settings.js';
import { memoriesOf, type Memories } from './memories.js';
import { MeterClock } from './meter-clock.js';

/** A meter whose objects are known: what is read of it, by pace. */
export interface KnownMeter extends Memories {
  readonly catalogue: Catalogue;
  readonly instantaneous: MeterPoints;
  readonly registers: MeterPoints;
  /** Undefined where the meter has none, or does not show it. */
  readonly clock: MeterClock | undefined;
}

export interface KnowOptions {
  readonly smx: Pick<SmxContext<DlmsConfig>, 'state' | 'log' | 'now'>;
  readonly meter: MeterSettings;
  readonly device: Device;
  readonly alarms: Alarms;
  readonly pace: EventPace;
  readonly progress?: Progress;
}

/** Learns what there is on a meter, from the box's memory where it is this meter. Rejects as a session does. */
export async function know(
  session: Session,
  { smx, meter, device, alarms, pace, progress }: KnowOptions,
): Promise<KnownMeter> {
  const { profile, ratios, zone } = meter;
  const options = { key: `objects:${meter.device}`, state: smx.state, profile, log: smx.log, progress };
  const catalogue = await catalogueOf(session, options);
  const { picked, missing } = pick(catalogue, profile.points);
  for (const obis of missing) smx.log.warn('the meter shows no such register', { device: meter.device, obis });
  progress?.(0.5, 'reading scalers and units');
  await catalogue.learnUnits(session, picked.map(({ object }) => object), profile.list); // prettier-ignore
  introduce(device, catalogue, meter);
  const points = (pace: 'instantaneous' | 'register', every: number): MeterPoints =>
    new MeterPoints({ device, catalogue, ratios, every, list: profile.list, picked: picked.filter((one) => one.pace === pace) }); // prettier-ignore
  const clockObject = catalogue.find(profile.clock);
  const clock = clockObject && new MeterClock({ device, object: clockObject, zone, alarms, maxAge: 3 * meter.registers, log: smx.log, now: smx.now }); // prettier-ignore
  const known = {
    catalogue,
    instantaneous: points('instantaneous', meter.instantaneous),
    registers: points('register', meter.registers),
    clock,
    ...(await memoriesOf(session, { smx, meter, device, catalogue, pace, behind: () => clock?.behind ?? 0 })),
  };
  await keep(catalogue, options);
  return known;
}

function introduce(
  device: Device,
  { identity, objects }: Catalogue,
  { profile, ratios, instantaneous }: MeterSettings,
): void {
  const { serial } = identity;
  const { manufacturer } = profile;
  device.update({ interval: instantaneous, ...(serial !== null && { serial }), ...(manufacturer !== undefined && { manufacturer }) }); // prettier-ignore
  const values: Record<string, string | number> = {};
  if (serial !== null) values['serial'] = serial;
  device.point('serial', { type: 'string', personal: true, maxAge: 0, obis: objects.find(({ obis }) => profile.serial.includes(obis))?.obis ?? profile.serial[0]! }); // prettier-ignore
  if (ratios.current !== 1 || ratios.voltage !== 1) {
    for (const [name, ratio] of [
      ['current', ratios.current],
      ['voltage', ratios.voltage],
    ] as const) {
      // prettier-ignore
      device.point(`transformer/${name}`, { unit: '1', kind: 'parameter', maxAge: 0 });
      values[`transformer/${name}`] = ratio;
    }
  }
  device.set(values);
}
