import type { EventNames, Evidence } from '@smx-edge/extension-api/metering';

/** How a client proves itself (Green Book §9.2.2.2); `none` and `low` are no and a plain password. */
export type Authentication = 'none' | 'low' | 'md5' | 'sha1' | 'gmac' | 'sha256';
export type Transport = 'hdlc' | 'mode-e' | 'wrapper';
export type Referencing = 'ln' | 'sn';

/** What is known of a family of meters; the config of an instance goes before it. */
export interface MeterProfile extends EventNames {
  readonly title: string;
  readonly manufacturer?: string;
  readonly transport: Transport;
  readonly referencing: Referencing;
  /** SAP of the client. */
  readonly client: number;
  /** Logical device; physical device on a line with several, and bytes of the address (1, 2 or 4). */
  readonly server: number;
  readonly physical?: number;
  readonly addressBytes?: 1 | 2 | 4;
  readonly auth: Authentication;
  /** Longest information field asked for, bytes, and window in frames. */
  readonly information: number;
  readonly window: number;
  /** For meters that pin N(S) or never raise N(R). */
  readonly lenientSequence: boolean;
  /** The conformance block with the short tag 5F. */
  readonly shortTag: boolean;
  /** Most attributes in one request; 1 where the meter takes no lists. */
  readonly list: number;
  /** Objects that tell serial number and firmware, in the order in which they are tried. */
  readonly serial: readonly string[];
  readonly firmware: readonly string[];
  readonly clock: string;
  /** Load profiles to keep. */
  readonly profiles: readonly string[];
  /** The stamp of a row stands at the end of its interval, or at its start. */
  readonly stamp: 'end' | 'start';
  /** Event logs to tell of. */
  readonly eventLogs: readonly string[];
  /** Columns of the logs that hold the number of an event, besides 96.11.e of the Blue Book. */
  readonly eventNumbers: readonly string[];
  /** Points by OBIS code besides those that every meter names alike. */
  readonly points: Readonly<Record<string, string>>;
  readonly evidence: readonly Evidence[];
}
