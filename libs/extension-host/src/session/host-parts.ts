import type { Role, View } from '@smx-edge/access';
import type { SerialDoor } from '@smx-edge/extension-api/transports';
import type {
  Clock,
  DeviceRecord,
  EventRecord,
  LiveSource,
  Log,
  NewEvent,
  NewEventFile,
  PointDefinition,
  PointValue,
  PrincipalRecord,
  ProfileDefinition,
  ProfileRow,
  SampleBatch,
} from '@smx-edge/model';
import type { NameBook } from './name-book.js';

/** The write door of the live table, as the datastore's LiveTable has it. */
export interface HostLive extends LiveSource {
  declare(definition: PointDefinition): number;
  remove(handle: number): void;
  setDevice(record: DeviceRecord): void;
  removeDevice(name: string): void;
  ingest(batch: SampleBatch): void;
}

/** What the host needs of the store. */
export interface HostStore {
  addEvent(event: NewEvent, files?: readonly NewEventFile[]): Promise<EventRecord>;
  stateGet(instance: string, key: string): Promise<unknown>;
  stateSet(instance: string, key: string, value: unknown): Promise<void>;
  /** Bytes of JSON that an instance keeps. */
  stateSize(instance: string): number | Promise<number>;
  readonly profiles: HostProfiles;
}

/** Load profiles as the datastore keeps them; errors as there. */
interface HostProfiles {
  put(profile: ProfileDefinition): Promise<void>;
  last(profile: Pick<ProfileDefinition, 'device' | 'id'>): Promise<number | undefined>;
  append(append: {
    readonly device: string;
    readonly id: string;
    readonly rows: readonly ProfileRow[];
    readonly source: string | null;
  }): Promise<number>;
}

/** What the host needs of the gate. */
export interface HostGate {
  putPrincipal(principal: PrincipalRecord, role?: Role): void;
  removePrincipal(name: string): void;
  view(principal: string): View | undefined;
}

/** A set-point that a running process declared, or whose process is gone. */
export interface SetpointChange {
  readonly instance: string;
  readonly handle: number;
  readonly ready: boolean;
}

/** A command that an instance gives another's set-point; `for` in ms. */
export interface InstanceCommand {
  readonly point: string;
  readonly value: PointValue;
  readonly for: number;
}

/** What all instances share. */
export interface HostParts {
  readonly live: HostLive;
  readonly gate: HostGate;
  readonly store: HostStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly names: NameBook;
  readonly serial: SerialDoor;
  readonly onSetpoint: (change: SetpointChange) => void;
  /** Carries a command out as this instance; resolves to its outcome. Absent where the box takes none. */
  readonly command?: (instance: string, command: InstanceCommand) => Promise<string>;
  readonly site: string;
  readonly timezone: string;
}
