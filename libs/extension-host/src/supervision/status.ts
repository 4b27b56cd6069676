import type { LineState } from '@smx-edge/extension-api/transports';
import type { ErrorCode } from '@smx-edge/model';
import type { DeviceFact, InstanceCounters, OwnStatus } from '../session/instance-facts.js';

/**
 * `degraded` = running, but held back because it is over a rate. `failed` = not running, with the reason; `retryAt` where
 * it is started again by itself. `quarantined` waits for somebody.
 */
export type InstanceState = 'starting' | 'running' | 'degraded' | 'stopping' | 'stopped' | 'failed' | 'quarantined';

/** What state, page and CLI say of an instance. Times are ms UTC, memory is bytes. */
export interface InstanceStatus {
  readonly id: string;
  readonly use: string;
  readonly title: string;
  readonly version: string;
  readonly origin: 'first-party' | 'installed' | 'unknown';
  readonly state: InstanceState;
  readonly since: number;
  readonly reason?: string;
  readonly code?: ErrorCode;
  readonly retryAt?: number;
  readonly restarts: number;
  readonly pid?: number;
  readonly memory?: number;
  readonly control: boolean;
  /** Apart from the core's files and processes beyond Node's permission model; an installed package that is not is to be told. */
  readonly isolated: boolean;
  /** What an operator should know of it while all is well: *not isolated* above all. */
  readonly notices: readonly string[];
  readonly devices: readonly DeviceFact[];
  readonly refusals: readonly string[];
  /** In the extension's own words. */
  readonly status?: OwnStatus;
  readonly counters: Readonly<InstanceCounters>;
  readonly lines: readonly LineState[];
  readonly calls: readonly string[];
}
