import type { SmxError } from '@smx-edge/model';
import type { Permissions } from '../packages/manifest.js';
import type { LimitsConfig } from '../process/limits.js';

/** One entry under `extensions:` (contracts §2), with its secrets already resolved. */
export interface InstanceConfig {
  readonly use: string;
  readonly config?: unknown;
  /** Whether commands may reach its set-points; off unless said. */
  readonly control?: boolean;
  /** What an installed package gets of what its manifest asks. */
  readonly allow?: Permissions;
  readonly limits?: LimitsConfig;
  /** What the caller already found wrong with the section: the instance is shown failed with it and not started. */
  readonly problem?: SmxError;
}
