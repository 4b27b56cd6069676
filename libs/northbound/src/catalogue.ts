import { createHash } from 'node:crypto';
import { profileHead, type DeviceRecord } from '@smx-edge/model';
import type { PartyPoint, PartyView } from './doors.js';

/** The `cat` message of one party (contracts §5), and the hash by which other messages name it. */
export interface Catalogue {
  readonly hash: string;
  readonly payload: Buffer;
  /** Those that may be read, in order of handle; the message also has those that may only be commanded. */
  readonly points: readonly PartyPoint[];
}

type Commandable = ReturnType<PartyView['reachable']>[number];

/** `read` is undefined where the party may only command the point: no form says how its values come, for none do. */
function pointEntry(
  { handle, definition }: Commandable,
  read: PartyPoint | undefined,
  grant: ReturnType<PartyView['command']>,
): Record<string, unknown> {
  const { path, unit, type, kind, obis, setpoint } = definition;
  const write = grant && {
    min: narrowest(Math.max, grant.between?.[0], setpoint?.min),
    max: narrowest(Math.min, grant.between?.[1], setpoint?.max),
    lease: grant.lease,
  };
  // members that are undefined do not appear
  return { id: handle, path, unit, type, kind, obis, every: read?.every, as: read?.as, write };
}

/** The narrower of two bounds; undefined where there is none on this side. */
function narrowest(pick: (a: number, b: number) => number, a?: number, b?: number): number | undefined {
  const bound = a === undefined || b === undefined ? (a ?? b) : pick(a, b);
  return bound === undefined || !Number.isFinite(bound) ? undefined : bound;
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
  const readable = new Map(points.map((point) => [point.handle, point]));
  const entries = view.reachable().flatMap((point) => {
    const read = readable.get(point.handle);
    const grant = view.command(point.handle);
    return read === undefined && grant === undefined ? [] : [pointEntry(point, read, grant)];
  });
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
