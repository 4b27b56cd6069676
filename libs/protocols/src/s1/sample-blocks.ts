import { BlockUnderWay, type Channel, type S1Block } from './block.js';
import type { S1Counts } from './counts.js';
import { readFormat } from './format.js';
import {
  FREQUENCY,
  INFO,
  KNOWN_VERSION,
  NEUTRAL,
  PHASES,
  S1_FRAME_LENGTH,
  SAMPLES_VALID,
  SAMPLING,
  SEQUENCE,
  STEPS_PER_AMPERE,
  STEPS_PER_VOLT,
  VERSION_SHIFT,
} from './frame.js';
import type { FrameSink } from './framer.js';
import { MeterId } from './meter-id.js';
import { Sequence } from './sequence.js';

/** A byte that no info byte of a known version equals. */
const NO_FORMAT = 0xff;

interface SampleBlocksOptions {
  readonly counts: S1Counts;
  readonly onBlock: (block: S1Block) => void;
  /** Samples in a full block. */
  readonly samples: number;
}

/** Gathers the samples of frames in blocks. A block ends where it is full, where frames are missing and where the format changes. */
export class SampleBlocks implements FrameSink {
  /** When the bytes came from which frames are taken, in ms; NaN where nobody says. */
  at = NaN;
  /** The last frame of an unknown format. */
  readonly unknown = new Uint8Array(S1_FRAME_LENGTH);

  private readonly counts: S1Counts;
  private readonly onBlock: (block: S1Block) => void;
  private readonly block: BlockUnderWay;
  /** The channels of the block, out of their arrays: unpacking them for each frame cost a fifth of its time. */
  private readonly u1: Channel;
  private readonly u2: Channel;
  private readonly u3: Channel;
  private readonly i1: Channel;
  private readonly i2: Channel;
  private readonly i3: Channel;
  private readonly neutral: Channel;
  private readonly sequence = new Sequence();
  private readonly meterId = new MeterId();
  private info = NO_FORMAT;
  private sampling = 0;
  private polyphase = false;
  private neutralMeasured = false;
  private lost = 0;
  private skippedBytes = 0;
  private reopened = false;

  constructor({ counts, onBlock, samples }: SampleBlocksOptions) {
    this.counts = counts;
    this.onBlock = onBlock;
    this.block = new BlockUnderWay(samples, readFormat(this.unknown, 0));
    [this.u1, this.u2, this.u3] = this.block.voltage;
    [this.i1, this.i2, this.i3] = this.block.current;
    this.neutral = this.block.neutral;
  }

  take(bytes: Uint8Array, at: number, behind: number): void {
    const { counts, block } = this;
    const info = bytes[at + INFO]!;
    if (info >> VERSION_SHIFT !== KNOWN_VERSION) {
      this.keepUnknown(bytes, at);
      return;
    }
    counts.frames++;
    if ((info & SAMPLES_VALID) === 0) counts.invalid++;
    if (info !== this.info || bytes[at + SAMPLING] !== this.sampling || !this.meterId.isOf(bytes, at))
      this.change(bytes, at);
    const missing = this.sequence.step(bytes[at + SEQUENCE]!);
    if (missing > 0 || counts.skippedBytes !== this.skippedBytes || this.reopened) this.gap(missing, behind);
    const n = block.count;
    if (n === 0) this.open();
    this.u1[n] = int16(bytes, at + PHASES) / STEPS_PER_VOLT;
    this.i1[n] = int24(bytes, at + PHASES + 2) / STEPS_PER_AMPERE;
    if (this.polyphase) {
      this.u2[n] = int16(bytes, at + PHASES + 5) / STEPS_PER_VOLT;
      this.i2[n] = int24(bytes, at + PHASES + 7) / STEPS_PER_AMPERE;
      this.u3[n] = int16(bytes, at + PHASES + 10) / STEPS_PER_VOLT;
      this.i3[n] = int24(bytes, at + PHASES + 12) / STEPS_PER_AMPERE;
    }
    if (this.neutralMeasured) this.neutral[n] = int24(bytes, at + NEUTRAL) / STEPS_PER_AMPERE;
    block.mains = (bytes[at + FREQUENCY]! << 8) | bytes[at + FREQUENCY + 1]!;
    block.count = n + 1;
    if (n + 1 === block.samples) {
      this.close();
      this.mark(behind);
    }
  }

  /** The line has been silent: hands over what is there. */
  flush(): void {
    this.close();
    this.reopened = true;
  }

  /** This frame is not of the format of those before. */
  private change(bytes: Uint8Array, at: number): void {
    const { block } = this;
    this.close();
    const info = bytes[at + INFO]!;
    const sampling = bytes[at + SAMPLING]!;
    const known = this.info !== NO_FORMAT && this.meterId.isOf(bytes, at);
    if (!known) {
      this.meterId.set(bytes, at);
      this.sequence.begin(bytes[at + SEQUENCE]!);
      this.lost = 0;
    }
    // samples that are corrupt now and then are no other format
    if (!known || (this.info ^ info) & ~SAMPLES_VALID || this.sampling !== sampling) {
      block.begin(readFormat(bytes, at));
      this.polyphase = block.format.phases === 3;
      this.neutralMeasured = block.format.neutralMeasured;
    }
    this.info = info;
    this.sampling = sampling;
  }

  /** Frames are missing before this one, or bytes that were none of a frame came before it, or the line was closed. */
  private gap(missing: number, behind: number): void {
    this.skippedBytes = this.counts.skippedBytes;
    this.sequence.doubt();
    if (this.reopened) {
      this.reopened = false;
      this.sequence.reopen();
      this.mark(behind);
    }
    if (missing > 0) this.close();
    this.lose(missing);
  }

  private mark(behind: number): void {
    if (Number.isNaN(this.at)) return;
    const { rate } = this.block;
    if (rate === null) return;
    this.lose(this.sequence.mark(this.at, rate, behind / S1_FRAME_LENGTH));
  }

  private lose(frames: number): void {
    this.counts.missing += frames;
    this.lost += frames;
  }

  private open(): void {
    const { block } = this;
    block.first = this.sequence.index;
    block.lostBefore = this.lost;
    block.valid = (this.info & SAMPLES_VALID) !== 0;
    if (this.lost > 0) this.counts.gaps++;
    this.lost = 0;
  }

  private close(): void {
    const { block } = this;
    if (block.count === 0) return;
    this.onBlock(block);
    block.count = 0;
  }

  private keepUnknown(bytes: Uint8Array, at: number): void {
    this.counts.unknownVersion++;
    for (let i = 0; i < S1_FRAME_LENGTH; i++) this.unknown[i] = bytes[at + i]!;
  }
}

function int16(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16;
}

function int24(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8)) >> 8;
}
