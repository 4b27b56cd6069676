import { S1Encoder, S1_FRAME_LENGTH, type S1Format } from '@smx-edge/protocols/s1';
import type { FaultBook } from '../line/index.js';
import type { S1Fault } from './line-faults.js';
import type { Wave } from './wave.js';

/** What went over the line since the meter began; all rise only. */
export interface FrameCounts {
  /** Frames that the meter made, whatever became of them. */
  made: number;
  /** Of these, those that were never sent. */
  loss: number;
  /** Those that were sent, but spoilt. */
  crc: number;
  cut: number;
  /** Those that say of themselves that their sample is corrupt. */
  invalid: number;
  /** Bytes of nonsense. */
  noise: number;
}

/** Frames that are sent at once at most: 46 kB. */
const FRAMES = 1024;
/** Bytes of a frame that is cut, and of nonsense. None of the latter is a flag. */
const CUT = 30;
const NOISE = Uint8Array.of(0x00, 0x13, 0x37, 0x80, 0x2b, 0xff, 0x03);
const LAST_CHECK_BYTE = S1_FRAME_LENGTH - 2;

/** Makes frames of samples, with what is wrong with the line, and sends them many at once. */
export class FrameLine {
  readonly counts: FrameCounts = { made: 0, loss: 0, crc: 0, cut: 0, invalid: 0, noise: 0 };
  private readonly encoder: S1Encoder;
  private readonly bytes = new Uint8Array(FRAMES * S1_FRAME_LENGTH);
  private length = 0;

  constructor(
    format: S1Format,
    private readonly o: { readonly faults: FaultBook<S1Fault>; readonly send: (bytes: Uint8Array) => void },
  ) {
    this.encoder = new S1Encoder(format);
  }

  take(sample: Wave['sample']): void {
    const { counts, o } = this;
    if (this.length + S1_FRAME_LENGTH + NOISE.length > this.bytes.length) this.flush();
    if (o.faults.isEmpty) {
      counts.made++;
      this.length = this.encoder.write(this.bytes, this.length, sample);
    } else this.spoil(sample);
  }

  /** The meter makes a frame that nobody gets. */
  lose(): void {
    this.counts.made++;
    this.counts.loss++;
    this.encoder.sequence = (this.encoder.sequence + 1) & 0xff;
  }

  /** Sends what there is. Readers keep the bytes they are given, so they get their own. */
  flush(): void {
    if (this.length === 0) return;
    const bytes = Buffer.allocUnsafe(this.length);
    bytes.set(this.bytes.subarray(0, this.length));
    this.length = 0;
    this.o.send(bytes);
  }

  private spoil(sample: Wave['sample']): void {
    const { counts, bytes } = this;
    const struck = this.o.faults.strike();
    if (struck.has('loss')) {
      this.lose();
      return;
    }
    counts.made++;
    if (struck.has('noise')) {
      bytes.set(NOISE, this.length);
      this.length += NOISE.length;
      counts.noise += NOISE.length;
    }
    if (struck.has('invalid')) {
      sample.valid = false;
      counts.invalid++;
    }
    const from = this.length;
    this.length = this.encoder.write(bytes, from, sample);
    if (struck.has('cut')) {
      this.length = from + CUT;
      counts.cut++;
    } else if (struck.has('crc')) {
      bytes[from + LAST_CHECK_BYTE]! ^= 0x55;
      counts.crc++;
    }
  }
}
