import type { EventRecord, Zone, Clock, Log } from '@smx-edge/model';
import type { Gate, Principals } from '@smx-edge/access';
import type { DiscoverStep } from '@smx-edge/extension-api';
import type { InstalledExtension, LineTap, Recorded } from '@smx-edge/extension-host';
import type { InstanceAnswer } from './answers.js';

/** Events as the store keeps them, in order of id; ids after `after`, times from `from` (ms UTC). */
interface EventShelf {
  events(query: { from?: number; to?: number; after?: number; limit?: number }): Promise<EventRecord[]>;
}

/** Instances of extensions, those with a broken config section included. */
export interface InstanceDesk {
  list(): InstanceAnswer[];
  /** Rejects SMX_EXTENSION_UNKNOWN. */
  restart(id: string): Promise<void>;
  call(id: string, name: string, args: unknown): Promise<unknown>;
  /** What a grant INSTANCE/NAME/DETAIL narrows this call by; undefined where it has none. */
  callDetail(id: string, name: string, args: unknown): string | undefined;
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

/** What the HTTP API stands on; the composition root hands it in. */
export interface Doors {
  readonly gate: Gate;
  readonly principals: Principals;
  readonly proof: Proof;
  readonly events: EventShelf;
  readonly instances: InstanceDesk;
  readonly workshop: Workshop;
  readonly health: HealthBoard;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  /** Requests per second of one principal. */
  readonly rate: number;
}

/** Injection token of `Doors`. */
export const DOORS = Symbol('Doors');
