import type {
  Aggregate,
  BatchRange,
  CommandChange,
  CommandQuery,
  CommandRow,
  ErrorCode,
  EventRecord,
  HeldValue,
  LaneBatch,
  LaneHead,
  LaneName,
  LanePlan,
  LedgerEntry,
  ListedCommandRow,
  LivePoint,
  NewEvent,
  NewEventFile,
  NewLedgerEntry,
  PlanChange,
  PrincipalRecord,
  RecordBatch,
  RecordHead,
  ProfileDefinition,
  ProfileRecord,
} from '@smx-edge/model';
import type { Staged } from '../backup/stage.js';
import type { Erased } from '../chunk/eraser.js';
import type { EventQuery } from '../database/event-table.js';
import type { EvidenceStart } from '../database/evidence.js';
import type { KeyRecord } from '../database/key-table.js';
import type { ProfileAppend, ProfileQuery } from '../database/profile-table.js';
import type { Gap } from '../journal/gap.js';
import type { KeptState } from '../database/state-table.js';
import type { JournalRest } from '../journal/journal.js';
import type { SampleRange } from '../journal/segment.js';
import type { AuditVerdict } from '../proof/audit.js';
import type { Usage } from './quota.js';

/** What the store's thread is started with. */
export interface WorkerOptions {
  readonly folder: string;
  readonly zone: string;
  readonly raw: number;
  readonly minutes: number;
  readonly keep: number;
  readonly budget: number;
  /** ms UTC by the store's clock. */
  readonly now: number;
  /** Where another thread had the folder before: the epoch it must have, and where the journal ended, as it was left. */
  readonly again?: { readonly epoch: number; readonly cut?: number };
}

export interface HistoryJob {
  readonly job: number;
  readonly handle: number;
  readonly from: number;
  readonly to: number;
  readonly every?: number;
  readonly as?: Aggregate;
  readonly round?: number;
}

/** Rows in columns. `values` is a Float64Array (NaN = null) where all are numbers. */
export interface HistoryChunk {
  readonly t: Float64Array;
  readonly quality: Uint8Array;
  readonly values: Float64Array | readonly (number | string | readonly number[] | null)[];
  /** Numbers stand for false and true. */
  readonly boolean: boolean;
  readonly done: boolean;
}

/** Operations by name: what goes in and what comes back. Each request also carries the times of the store's clock. */
export interface Operations {
  addEvent: {
    in: NewEvent & { readonly files?: readonly NewEventFile[] };
    out: { readonly record: EventRecord; readonly isNew: boolean };
  };
  events: { in: EventQuery; out: EventRecord[] };
  /** Its bytes stand alone in the answer, so that they are handed over and not copied. */
  eventFile: { in: { event: number; name: string }; out: { type: string; bytes: Uint8Array } | undefined };
  putPrincipal: { in: PrincipalRecord; out: undefined };
  removePrincipal: { in: string; out: undefined };
  ledger: { in: { from: number; limit: number }; out: LedgerEntry[] };
  verifyLedger: { in: undefined; out: AuditVerdict };
  evidence: { in: undefined; out: EvidenceStart };
  stateGet: { in: { instance: string; key: string }; out: string | undefined };
  stateSet: { in: { instance: string; key: string; value?: string }; out: undefined };
  stateSize: { in: string; out: number };
  putProfile: { in: ProfileDefinition; out: ProfileDefinition };
  profileLast: { in: Pick<ProfileDefinition, 'device' | 'id'>; out: number | undefined };
  /** Gives how many rows were new. */
  appendProfile: { in: ProfileAppend; out: number };
  profileRows: { in: ProfileQuery; out: ProfileRecord[] };
  keys: { in: undefined; out: KeyRecord[] };
  profileCommits: { in: { after: number; limit?: number }; out: ProfileRecord[] };
  claimCommand: { in: { row: CommandRow; held: HeldValue | undefined }; out: CommandRow | undefined };
  putCommands: { in: CommandChange; out: undefined };
  findCommand: { in: { principal: string; id: string }; out: CommandRow | undefined };
  commands: { in: CommandQuery; out: ListedCommandRow[] };
  openCommands: { in: undefined; out: { rows: CommandRow[]; held: HeldValue[] } };
  /** Kept and tried again where the database refuses. */
  point: { in: LivePoint & { removed: boolean }; out: undefined };
  append: { in: NewLedgerEntry; out: undefined };
  /** A record of samples; kept and tried again where the file system refuses. */
  samples: { in: { record: Uint8Array; range: SampleRange }; out: undefined };
  gap: { in: Gap; out: undefined };
  /** Retries, rotation, sealing and retention. */
  tick: { in: undefined; out: undefined };
  /** Receive time of the oldest sample that is still to come, ms UTC; Infinity where none is. */
  sync: { in: number; out: undefined };
  /** Answered when no sealing and thinning is due. */
  settle: { in: undefined; out: undefined };
  lanes: { in: undefined; out: LaneName[] };
  lanePlan: { in: LaneName; out: LanePlan | undefined };
  /** From what is committed on. */
  laneOpen: { in: { lane: LaneName; plan: LanePlan; change: PlanChange }; out: LaneHead };
  laneClose: { in: LaneName; out: undefined };
  recordsOpen: { in: LaneName; out: RecordHead };
  recordsCut: { in: { lane: LaneName; ids: readonly number[]; after: number }; out: RecordHead };
  recordsRead: { in: { lane: LaneName; from: number; count: number }; out: RecordBatch[] };
  laneRead: { in: { lane: LaneName; from: number; count: number }; out: LaneBatch[] };
  laneAck: { in: { lane: LaneName; ranges: readonly BatchRange[] }; out: undefined };
  /** Gathers a backup in a folder of its own, which whoever asked removes. */
  stage: { in: { secrets: boolean }; out: Staged };
  /** Erases samples and windows of points whose path matches, of before a time. */
  erase: { in: { match: string; before: number }; out: Erased & { points: number } };
  historyOpen: { in: HistoryJob; out: undefined };
  historyNext: { in: number; out: HistoryChunk };
  historyClose: { in: number; out: undefined };
  /** The last request to a thread that is leaving. */
  leave: { in: undefined; out: Left };
  close: { in: undefined; out: undefined };
}

export type Operation = keyof Operations;

export type Request = {
  [K in Operation]: {
    readonly id: number;
    readonly now: number;
    readonly monotonic: number;
    readonly op: K;
    readonly in: Operations[K]['in'];
  };
}[Operation];

/** An error as it crosses the thread. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
}

export type Answer =
  | { readonly kind: 'opened'; readonly opened: Opened }
  /** `kept`: what the store knows whose disk is read-only. */
  | { readonly kind: 'refused'; readonly error: WireError; readonly kept?: Opened }
  | { readonly kind: 'done'; readonly id: number; readonly out: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: WireError }
  /** Undefined: what was wrong is right again. */
  | { readonly kind: 'fault'; readonly error: WireError | undefined }
  | { readonly kind: 'ledger'; readonly head: string; readonly appended: number }
  /** What samples and windows take has changed by a percent of what they may. */
  | { readonly kind: 'usage'; readonly usage: Usage }
  /** Streams that have new batches. */
  | { readonly kind: 'lanes'; readonly lanes: readonly (LaneName & { readonly next: number })[] }
  /** The thread lets go of a disk that is none any more, and waits to be asked to leave. */
  | { readonly kind: 'leaving' }
  /** An event the thread itself made. */
  | { readonly kind: 'event'; readonly event: EventRecord };

/** What a thread had in memory when it ended. */
export interface Left extends JournalRest {
  readonly gaps: readonly Gap[];
}

export interface Opened {
  readonly epoch: number;
  readonly points: readonly LivePoint[];
  readonly removed: readonly LivePoint[];
  /** The first handle that nobody was ever told. */
  readonly first: number;
  readonly principals: readonly PrincipalRecord[];
  readonly profiles: readonly ProfileDefinition[];
  readonly ledgerHead: string;
  /** Why there is no thread yet, and then what instances kept. */
  readonly fault?: WireError;
  readonly state?: readonly KeptState[];
}
