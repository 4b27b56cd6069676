import type { PointValue, Quality } from '@smx-edge/model';

/** What the extension set: the time is the device's, or the virtual time it was set at, ms UTC. */
export type ReplayedSample = readonly [path: string, value: PointValue, t: number, quality: Quality, reason?: string];

export interface ReplaySummary {
  readonly samples: number;
  /** Records of the capture. */
  readonly records: number;
  /** Lines of the capture that are no records. */
  readonly bad: number;
  /** Values that were not declared. */
  readonly refused: readonly string[];
  readonly exceptions: readonly { readonly origin: string; readonly text: string }[];
}
