import { createHash } from 'node:crypto';
import { profileHead, type DeviceRecord } from '@smx-edge/model';
import type { PartyPoint, PartyView } from './doors.js';

/** The `cat` message of one party (contracts §5), and the hash by which other messages name it. */
export interface Catalogue {
  readonly hash: string;
  readonly payload: Buffer;
  readonly points: readonly PartyPoint[];
}

function pointEntry(view: PartyView, point: PartyPoint): Record<string, unknown> {
  const { path, unit, type, kind, obis, setpoint } = point.definition;
  const grant = view.command(point.handle);
  const write = grant && {
    min: narrowest(Math.max, grant.between?.[0], setpoint?.min),
    max: narrowest(Math.min, grant.between?.[1], setpoint?.max),
    lease: grant.lease,
  };
  // members that are undefined do not appear
  return { id: point.handle, path, unit, type, kind, obis, every: point.every, as: point.as, write };
}

function narrowest(pick: (a: number, b: number) => number, a?: number, b?: number): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return pick(a, b);
}

function deviceEntry(device: DeviceRecord): Record<string, unknown> {
  const { name, instance, kind, online, since, manufacturer, model, serial } = device;
  return { name, instance, kind, online, since, manufacturer, model, serial };
}

/**
 * What `view` may see. The hash covers the meaning of ids, devices and load profiles but not whether a device is on
 * line, so that a flapping device does not start a new catalogue.
 */
export function makeCatalogue(view: PartyView): Catalogue {
  const points = [...view.points()].sort((a, b) => a.handle - b.handle);
  const entries = points.map((point) => pointEntry(view, point));
  const devices = view.devices().map(deviceEntry);
  const profiles = view.profiles().map(profileHead);
  // stringify leaves out what is undefined
  const lasting = devices.map((device) => ({ ...device, online: undefined, since: undefined }));
  const hash = createHash('sha256')
    .update(JSON.stringify([entries, lasting, profiles]))
    .digest('hex')
    .slice(0, 16);
  const payload = Buffer.from(JSON.stringify({ v: 1, hash, points: entries, devices, profiles }));
  return { hash, payload, points };
}
