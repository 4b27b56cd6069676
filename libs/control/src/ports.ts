import type { SetpointAnswer, SetpointCommand } from '@smx-edge/extension-api';
import type { Clock, CommandStage, HeldValue, PointValue } from '@smx-edge/model';
import type { Interval } from './interval.js';
import type { CommandRecord } from './record.js';

/** What the device said to a write, or that nothing came back. */
export type WriteAnswer = SetpointAnswer | { readonly outcome: 'failed'; readonly code: string; readonly text: string };

/** What the arbiter needs to know of a set-point. Durations ms. */
export interface SetpointFacts {
  readonly default: PointValue;
  /** Another point proves what was written. */
  readonly proven: boolean;
  /** How far that point may be from a value. */
  readonly tolerance: (value: PointValue) => number;
  readonly settle: number;
  readonly interval: number;
}

interface Claim {
  readonly record: CommandRecord;
  readonly held?: HeldValue;
}

interface RecordChange {
  readonly records: readonly CommandRecord[];
  readonly held?: readonly HeldValue[];
  readonly freed?: readonly string[];
}

/** The world as the arbiter sees it. Whatever takes time answers by a call back, once. */
export interface ArbiterPorts {
  readonly clock: Clock;
  /** Keeps a new command, and with it what it puts on its set-point at once; `known` is the one that had its id already. */
  claim(claim: Claim, done: (taken: { readonly known?: CommandRecord } | 'failed') => void): void;
  keep(change: RecordChange, done: (ok: boolean) => void): void;
  write(point: string, command: SetpointCommand, done: (answer: WriteAnswer) => void): void;
  release(point: string, done: (answer: WriteAnswer) => void): void;
  facts(point: string): SetpointFacts;
  /** What nobody may pass at a set-point, and what bounds its default too. */
  ground(point: string): { readonly hard: Interval; readonly envelope: Interval };
  /** What the proving point shows now; null where nothing good. */
  reading(point: string): PointValue;
  /** Whether the grant behind a command still holds. */
  mayHold(record: CommandRecord): boolean;
  told(record: CommandRecord, stage: CommandStage): void;
  /** A fault of the set-point itself, raised and cleared. */
  alarm(point: string, fault: { readonly code: string; readonly raised: boolean; readonly text: string }): void;
  /** Called before leases end, so that what follows them is there. */
  due(): void;
}
