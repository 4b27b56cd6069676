/** No CRC stands behind `!`, or there was no `!`. */
export const CRC_ABSENT = -1;
/** What stands behind `!` is no CRC. */
export const CRC_MALFORMED = -2;

/** Longest frame in bytes where nothing else is said. A telegram with the longest message has 3.1 kB. */
export const DEFAULT_MAX_FRAME = 8192;

/** What was received between one telegram and the next; valid during the callback only. */
export interface P1Frame {
  readonly kind: 'text' | 'cipher';
  /** Bytes 0 … length - 1; for text from `/` up to and including `!`. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** CRC-16 over these bytes, taken as they came. */
  readonly computed: number;
  /** CRC behind `!`, `CRC_ABSENT` or `CRC_MALFORMED`. */
  readonly given: number;
  readonly closedBy: 'marker' | 'next' | 'silence';
}

/** What a stream lost; all rise only. */
export interface P1FramerCounts {
  frames: number;
  /** Bytes outside any frame. */
  skippedBytes: number;
  /** First parts dropped because the next telegram began in them, and their bytes. */
  cutFrames: number;
  cutBytes: number;
  /** Frames longer than allowed. */
  overflows: number;
}
