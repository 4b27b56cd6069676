import type { SampleRange } from './segment.js';

/**
 * Why samples are missing: the tail of a segment was torn by a crash, a part of one is damaged, a segment passed the
 * age or the budget, the file system refused writes for too long, or more came than could be taken.
 */
export type GapReason = 'torn' | 'damaged' | 'age' | 'budget' | 'write-failed' | 'overrun' | 'epoch';

export interface Gap {
  readonly why: GapReason;
  readonly segment?: number;
  /** Length of the windows that went; without it samples went. */
  readonly windows?: '1m' | '15m';
  /** Bytes that went. */
  readonly bytes?: number;
  readonly samples?: number;
  /** Receive times of what is missing, ms UTC, where known. */
  readonly from?: number;
  readonly to?: number;
}

/** Receive times of all that a segment has, where it has anything. */
export function receivedIn({ minReceived, maxReceived }: SampleRange): Pick<Gap, 'from' | 'to'> {
  return maxReceived >= minReceived ? { from: minReceived, to: maxReceived } : {};
}
