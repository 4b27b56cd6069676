import type { ControlOptions } from '@smx-edge/control';
import type { Problem } from './problem.js';
import type { Environment } from './secrets.js';
import type { LOG_LEVELS } from './schema.js';

interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/** Where a door listens; `tls` names absolute PEM files. */
export interface DoorConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsFiles | null;
}

/** One configured run of an extension, as written; secrets are still references. */
export interface InstanceSection {
  readonly use: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly control: boolean;
  readonly allow?: Readonly<Record<string, unknown>>;
  /** memory and state in bytes, samples per second. */
  readonly limits?: {
    readonly memory?: number;
    readonly points?: number;
    readonly samples?: number;
    readonly state?: number;
  };
}

/** One link as written; its password is still a reference, its files are absolute. */
export interface LinkSection {
  readonly url: string;
  readonly role: string;
  readonly alias?: string;
  readonly auth: { readonly user?: string; readonly password?: string };
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Least ms between two `now`; undefined = off. */
  readonly now: number | undefined;
  readonly compress: boolean;
  /** Whose word ends a batch of the certain lane. */
  readonly ack: 'consumer' | 'broker';
  /** What one batch spans, ms; undefined = as `history.flush`. */
  readonly batch: number | undefined;
  readonly order: 'oldest-first' | 'newest-first';
}

/** smx.yaml with defaults put in, paths absolute, durations in ms, sizes in bytes. */
export interface Config {
  readonly file: string;
  /** Folder of the config file, from which relative paths count. */
  readonly folder: string;
  readonly env: Environment;
  readonly site: string;
  readonly timezone: string;
  readonly data: string;
  readonly http: DoorConfig;
  /** null = off. */
  readonly broker: DoorConfig | null;
  readonly roles: string | undefined;
  readonly history: {
    readonly flush: number;
    readonly budget: number;
    readonly raw: number;
    /** How long windows of a minute are kept, and those of 15, ms. */
    readonly minutes: number;
    readonly keep: number;
  };
  /** W at the connection, % of a store, durations in ms. */
  readonly limits: ControlOptions['limits'];
  readonly packages: string;
  readonly log: { readonly level: (typeof LOG_LEVELS)[number] };
  /** Sections that can be started. */
  readonly instances: ReadonlyMap<string, InstanceSection>;
  /** Links that can be started. */
  readonly links: ReadonlyMap<string, LinkSection>;
  /** Every instance and link that the file names, also those whose section cannot be used; `use` where it is a text. */
  readonly named: readonly { readonly kind: 'instance' | 'link'; readonly name: string; readonly use?: string }[];
  /** Of these the file may say more than can be read, and the problems that hide it: what is not there need not be gone. */
  readonly hidden: ReadonlyMap<HidableSection, readonly Problem[]>;
}

export type HidableSection = 'limits' | 'extensions' | 'links' | 'roles';
