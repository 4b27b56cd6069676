import type { Clock, Log, Zone } from '@smx-edge/model';

export const ONE_YEAR = 365 * 86_400_000;
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
  /** Windows of a minute that stand for samples are kept until they are so many ms old; default a year. */
  readonly minutes?: number;
  /** 15-minute windows are kept so many ms; default ten years. */
  readonly keep?: number;
}
