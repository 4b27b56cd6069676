import type { CaptureDirection } from '@smx-edge/extension-api/transports';

/** One chunk of a recorded line; `lost` counts bytes before it that were more than a recording takes. */
export interface TappedChunk {
  readonly direction: CaptureDirection;
  readonly bytes: Uint8Array;
  /** Receive time, ms UTC. */
  readonly t: number;
  readonly lost: number;
}

/** Who records a line of an instance. */
export interface LineTap {
  chunk(chunk: TappedChunk): void;
  /** The instance ended; nothing comes any more. */
  end(reason: string): void;
}

/** A recording that runs. */
export interface Recorded {
  /** The source without credentials. */
  readonly source: string;
  stop(): void;
}
