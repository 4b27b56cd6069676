/** What came over an S1 line; all rise only. Bytes: 45 × (`frames` + `unknownVersion`) − `sharedFlags` + `skippedBytes` + those of a frame under way. */
export interface S1Counts {
  /** Intact frames of a known format: one sample each, those that the meter calls corrupt included. */
  frames: number;
  /** Of these, frames in which the meter says that samples are corrupt. */
  invalid: number;
  /** Frames that by the sequence numbers were sent and did not come intact: `badFcs`, `cut` and those that never came. */
  missing: number;
  /** Places at which frames are missing. */
  gaps: number;
  /** Frames of full length whose check sequence does not match. */
  badFcs: number;
  /** Frames that began and have no flag where they should end. */
  cut: number;
  /** Intact frames of a data format that nobody has published; their samples are not guessed at. */
  unknownVersion: number;
  /** Flags that end one frame and begin the next. */
  sharedFlags: number;
  /** Bytes that belong to no intact frame, flags and damaged frames included. */
  skippedBytes: number;
}

/** Counts of a line that nothing came over yet. */
export function noCounts(): S1Counts {
  return {
    frames: 0,
    invalid: 0,
    missing: 0,
    gaps: 0,
    badFcs: 0,
    cut: 0,
    unknownVersion: 0,
    sharedFlags: 0,
    skippedBytes: 0,
  };
}
