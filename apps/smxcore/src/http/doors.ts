import type {
  Clock,
  EventRecord,
  LedgerEntry,
  LedgerSink,
  Log,
  PrincipalRecord,
  ProfileDefinition,
  ProfileRecord,
  Zone,
} from '@smx-edge/model';
import type { Gate, LoginGuard, NewUser, Principals } from '@smx-edge/access';
import type { Control } from '@smx-edge/control';
import type { DiscoverStep } from '@smx-edge/extension-api';
import type { InstalledExtension, LineTap, Recorded } from '@smx-edge/extension-host';
import type { ErasedAnswer, InstanceAnswer, LedgerVerdictAnswer, LinkAnswer } from './answers.js';
import type { Sessions } from './session/sessions.js';

/** Events as the store keeps them, in order of id; ids after `after`, times from `from` (ms UTC). */
interface EventShelf {
  events(query: { from?: number; to?: number; after?: number; limit?: number }): Promise<EventRecord[]>;
  /** Rejects SMX_EVENT_FILE_GONE, SMX_STORE_DAMAGED. */
  eventFile(event: number, name: string): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined>;
}

/** Load profiles as the store keeps them; rows with `from` < end <= `to` (ms UTC) in order of end, at most 1000 a call. */
export interface ProfileShelf {
  find(profile: Pick<ProfileDefinition, 'device' | 'id'>): ProfileDefinition | undefined;
  rows(query: { device: string; id: string; from: number; to: number; limit?: number }): Promise<ProfileRecord[]>;
}

/** Instances of extensions, those with a broken config section included. */
export interface InstanceDesk {
  list(): InstanceAnswer[];
  /** Rejects SMX_EXTENSION_UNKNOWN. */
  restart(id: string): Promise<void>;
  /** Resolves once an instance does not start any more, after 10 s at the latest: from then on its calls are known. */
  settled(id: string): Promise<void>;
  call(id: string, name: string, args: unknown): Promise<unknown>;
  /** What a grant INSTANCE/NAME/DETAIL narrows this call by; undefined where it has none. */
  callDetail(id: string, name: string, args: unknown): string | undefined;
  /** Whether the grant INSTANCE/NAME gives a call with this detail by itself. */
  isPlainCall(id: string, name: string, detail: string): boolean;
  /** Whether a call tells of a person, so that no wildcard gives it. */
  isPersonalCall(id: string, name: string): boolean;
}

/** What authors and installers need of the extensions: what is installed, what is on a line, what goes over it. */
interface Workshop {
  readonly extensions: readonly InstalledExtension[];
  /** Resolves to false where the extension cannot tell. */
  discover(
    use: string,
    source: string,
    how: { onStep: (step: DiscoverStep) => void; signal?: AbortSignal },
  ): Promise<boolean>;
  /** Throws SMX_EXTENSION_UNKNOWN, _DIED, SMX_TRANSPORT_ABSENT, _BUSY. */
  record(id: string, line: number, tap: LineTap): Recorded;
}

/** State of one part of the box. */
export interface PartState {
  readonly ok: boolean;
  /** What it is or why it is not. */
  readonly text: string;
  readonly code?: string;
}

export interface HealthAnswer {
  readonly status: 'ready' | 'starting';
  readonly site: string;
  readonly version: string;
  /** ms UTC. */
  readonly since: number;
  readonly parts: Readonly<Record<string, PartState>>;
  /** What is wrong in the config, at its place. */
  readonly problems: readonly { readonly code: string; readonly text: string }[];
}

export interface HealthBoard {
  ready(): boolean;
  answer(): HealthAnswer;
}

/** Who a request comes from: the local command line proves itself apart from the tokens. */
export interface Proof {
  /** Name of the principal that holds this secret. */
  principalOf(token: string): string | undefined;
}

/** The store as a whole (see `Vault` of the datastore). */
interface Vault {
  backup(how: { secrets: boolean; by: string }): AsyncGenerator<Uint8Array, void>;
  erase(what: { match: string; before: number; by: string }): Promise<ErasedAnswer>;
}

/** The ledger as the store keeps it; entries from number `from` on (1 = the first, -1 = the last), at most 1000 a call. */
interface LedgerShelf extends LedgerSink {
  ledger(query: { from?: number; limit?: number }): Promise<LedgerEntry[]>;
  verifyLedger(): Promise<LedgerVerdictAnswer>;
  /** The lines of an export; rows of load profiles only where `mayGive` lets them. */
  evidence(mayGive: (path: string) => boolean): AsyncIterable<object>;
}

/** The way to the first user. */
export interface SetupDesk {
  /** No user exists yet. */
  readonly isNeeded: boolean;
  /** Makes the owner, once. Throws SMX_ACCESS_SETUP for a wrong code, SMX_HTTP_RATE, and as `Principals.createUser`. */
  makeOwner(wish: Omit<NewUser, 'role'> & { readonly code: string }): Promise<PrincipalRecord>;
}

/** What the HTTP API stands on; the composition root hands it in. */
export interface Doors {
  readonly gate: Gate;
  readonly principals: Principals;
  readonly proof: Proof;
  readonly logins: LoginGuard;
  readonly sessions: Sessions;
  readonly setup: SetupDesk;
  readonly ledger: LedgerShelf;
  /** Answers that were problems, by code; counted up by the API. */
  readonly problems: Map<string, number>;
  /** The box in numbers, as Prometheus reads them. */
  readonly metrics: { text(): string };
  readonly events: EventShelf;
  readonly vault: Vault;
  readonly profiles: ProfileShelf;
  readonly instances: InstanceDesk;
  readonly links: { list(): LinkAnswer[] };
  readonly workshop: Workshop;
  readonly control: Pick<Control, 'submit' | 'find' | 'cancel' | 'list' | 'open'> & {
    readonly schedules: Pick<Control['schedules'], 'submit' | 'of' | 'cancel'>;
  };
  /** Handle of a path; only to ask a view with. */
  readonly handleOf: (path: string) => number | undefined;
  readonly health: HealthBoard;
  readonly site: string;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  /** Requests per second of one principal. */
  readonly rate: number;
}

/** Injection token of `Doors`. */
export const DOORS = Symbol('Doors');
