import type { Clock, Log, Zone } from '@smx-edge/model';

export const TEN_YEARS = 3_653 * 86_400_000;

export interface StoreOptions {
  /** The data folder; created 0700. */
  readonly dir: string;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly log: Log;
  /** Samples are durable after so many ms (architecture §5 rule 3). */
  readonly flush: number;
  /** Bytes the samples may take. */
  readonly budget: number;
  /** Samples are kept so many ms by receive time. */
  readonly raw: number;
  /** 15-minute windows are kept so many ms beyond that; default ten years. */
  readonly keep?: number;
}
