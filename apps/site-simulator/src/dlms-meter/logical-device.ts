import type { CipherKeys } from '@smx-edge/protocols/cosem';
import { DlmsServer, type MeterTransport } from '@smx-edge/protocols/dlms';
import type { LinkLimits } from '@smx-edge/protocols/hdlc';
import type { MeterSource } from '../billing/index.js';
import type { Framing } from './answers.js';
import { associations, type AccessOptions } from './associations.js';
import { familyOf, type Family } from './family.js';
import { allObjects, publicObjects } from './objects.js';

/** One of the meters on a line. */
export interface LogicalDevice {
  /** SAP. */
  readonly server: number;
  /** HDLC address of the physical device, on a line with several. */
  readonly physical?: number;
}

/** What all meters of a line have in common. */
export interface DeviceOptions {
  readonly referencing: 'ln' | 'sn';
  /** Default those of its family. */
  readonly limits?: LinkLimits;
  readonly maxPdu: number;
  readonly blocks: AccessOptions['blocks'];
  /** Number of the first device; those behind count up. */
  readonly serial: string;
  readonly password?: Uint8Array;
  readonly security?: { readonly keys: CipherKeys; readonly policy: number };
  /** Whether it shows more than twelve instantaneous values. */
  readonly full: boolean;
}

export interface DevicePlace {
  /** Of the device on its line, from 0. */
  readonly number: number;
  readonly framing: Framing;
  /** ms by which its clock is ahead. */
  readonly clockError: () => number;
  /** Whether it thinks that the counters of its reader are too low. */
  readonly hasSeenHigher: () => boolean;
  readonly source: MeterSource;
}

/** Last counter there is but one: whatever a reader sends is below it. */
const HIGHEST = 2 ** 32 - 2;

/** A meter as one reader meets it: its objects, and who may read them. */
export function logicalDevice(
  options: DeviceOptions,
  device: LogicalDevice,
  { number, framing, clockError, hasSeenHigher, source }: DevicePlace,
): DlmsServer {
  const family = familyOf(options.referencing);
  const { full: isFull, limits = family.limits, password, security, maxPdu, blocks } = options;
  const serial = String(Number(options.serial) + number).padStart(options.serial.length, '0');
  const objects = { family, serial, isFull, clockError };
  const access: AccessOptions = {
    ...{ family, maxPdu, blocks, title: titleOf(family, serial) },
    ...(password !== undefined && { password }),
    ...(security !== undefined && { security }),
    seen: () => (hasSeenHigher() ? HIGHEST : undefined),
  };
  return new DlmsServer({
    transport: transportOf(framing, device, limits),
    associations: associations(access, { open: publicObjects(source, objects), all: allObjects(source, objects) }),
  });
}

/** Maker and serial number, as all meters build it. */
function titleOf({ manufacturer }: Family, serial: string): Uint8Array {
  const title = Buffer.alloc(8);
  title.write(manufacturer, 'latin1');
  title.writeUIntBE(Number(serial) % 2 ** 40, 3, 5);
  return title;
}

function transportOf(framing: Framing, { server, physical }: LogicalDevice, limits: LinkLimits): MeterTransport {
  if (framing === 'wrapper') return { framing, server };
  return { framing, server: { upper: server, ...(physical !== undefined && { lower: physical }) }, limits };
}
