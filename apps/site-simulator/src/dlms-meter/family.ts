import type { Capability } from '@smx-edge/protocols/cosem';
import type { CaptureObject } from '@smx-edge/protocols/dlms';
import type { LinkLimits } from '@smx-edge/protocols/hdlc';
import type { MeterEvent } from '../billing/index.js';

/** What one kind of meter has that another has not. */
export interface Family {
  readonly referencing: 'LN' | 'SN';
  /** Three letters of the FLAG association, and what an optical head says behind them. */
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  /** Value group B of instantaneous values. */
  readonly channel: number;
  readonly eventLog: string;
  /** Columns of status and event number in profiles. */
  readonly statusColumn: Column;
  readonly eventColumn: Column;
  readonly events: Readonly<Record<MeterEvent['what'], number>>;
  /** What it takes and sends where the config says nothing. */
  readonly limits: LinkLimits;
  readonly capabilities: readonly Capability[];
  /** See `MeterAssociation`. */
  readonly echoesTag: boolean;
}

/** A column of a profile by its OBIS code. */
export type Column = Omit<CaptureObject, 'name'> & { readonly obis: string };

/** A meter of logical names as the companion specification IDIS has it. */
const IDIS: Family = {
  referencing: 'LN',
  manufacturer: 'SMX',
  model: 'HOUSE-LN',
  firmware: 'H1.0',
  channel: 0,
  eventLog: '0-0:99.98.0',
  statusColumn: { classId: 1, obis: '0-0:96.10.1', attribute: 2 },
  eventColumn: { classId: 1, obis: '0-0:96.11.0', attribute: 2 },
  events: { 'power-down': 1, 'power-up': 2, 'clock-change': 3 },
  limits: { infoTransmit: 128, infoReceive: 128, windowTransmit: 1, windowReceive: 1 },
  capabilities: ['get', 'multiple-references', 'selective-access'],
  echoesTag: false,
};

/**
 * A ZMD of Landis+Gyr: short names, instantaneous values in channel 1, 62 bytes taken at once, one long APDU in segments
 * (public logs of such meters), an AARE in the form of the AARQ with lengths that do not fit the long one (the same logs), event
 * numbers and EDIS status in attributes of its maker's object.
 */
const ZMD: Family = {
  referencing: 'SN',
  manufacturer: 'LGZ',
  model: 'ZMD310CT44.0207.B14',
  firmware: 'P07',
  channel: 1,
  eventLog: '1-0:99.98.0',
  statusColumn: { classId: 1, obis: '0-0:96.240.12', attribute: 18 },
  eventColumn: { classId: 1, obis: '0-0:96.240.12', attribute: 2 },
  events: { 'power-down': 23, 'power-up': 24, 'clock-change': 9 },
  limits: { infoTransmit: 128, infoReceive: 62, windowTransmit: 1, windowReceive: 1 },
  capabilities: ['read', 'multiple-references', 'parameterized-access'],
  echoesTag: true,
};

export const familyOf = (referencing: 'ln' | 'sn'): Family => (referencing === 'ln' ? IDIS : ZMD);
