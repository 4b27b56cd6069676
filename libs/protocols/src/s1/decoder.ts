import type { S1Block } from './block.js';
import { noCounts, type S1Counts } from './counts.js';
import { S1Framer } from './framer.js';
import { SampleBlocks } from './sample-blocks.js';

export interface S1DecoderOptions {
  /** Gets each block before `push` or `flush` returns. The block is filled anew afterwards: copy what is to stay. Must not throw. */
  readonly onBlock: (block: S1Block) => void;
  /** Samples in a full block. Default 128, about 50 ms. */
  readonly samples?: number;
}

/**
 * Reads the stream of an S1 port, whatever the pieces it comes in. Only what stands in a frame with a right check sequence becomes
 * a sample; everything else is counted. Nothing is allocated for a frame.
 */
export class S1Decoder {
  readonly counts: Readonly<S1Counts>;
  private readonly blocks: SampleBlocks;
  private readonly framer: S1Framer;

  constructor({ onBlock, samples = 128 }: S1DecoderOptions) {
    const counts = noCounts();
    this.counts = counts;
    this.blocks = new SampleBlocks({ counts, onBlock, samples });
    this.framer = new S1Framer(counts, this.blocks);
  }

  /**
   * Takes the next bytes of the stream. `at` is when they came, in ms of any clock that only rises: where it is given, gaps of
   * more than 255 frames are counted too.
   */
  push(chunk: Uint8Array, at = NaN): void {
    this.blocks.at = at;
    this.framer.push(chunk);
  }

  /** The line is closed or silent, or a recording is over: hands over the block under way and gives up the frame under way. */
  flush(): void {
    this.framer.flush();
    this.blocks.flush();
  }

  /** The last frame of a data format that nobody has published, for diagnosis; undefined where none came. */
  unknownFrame(): Uint8Array | undefined {
    return this.counts.unknownVersion > 0 ? this.blocks.unknown.slice() : undefined;
  }
}
