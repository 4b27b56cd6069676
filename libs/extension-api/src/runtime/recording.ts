import type { Clock } from '@smx-edge/model';
import type { CaptureDirection } from '../transports/types.js';
import type { Channel } from './channel.js';

const BYTES_PER_SECOND = 64 * 1024;
const BURST_SECONDS = 4;
const CHUNKS_PER_SECOND = 250;
const LONGEST_CHUNK = 256 * 1024;

/** Raw bytes of one line on their way to the host: bounded, so that recording a line never drowns its values. */
export class Recording {
  /** The line that is recorded. */
  ref: number | undefined;
  private lost = 0;
  private bytesLeft = 0;
  private chunksLeft = 0;
  private at = 0;
  private readonly o: { channel: Channel; clock: Clock };

  constructor(o: { channel: Channel; clock: Clock }) {
    this.o = o;
  }

  begin(ref: number | undefined): void {
    this.ref = ref;
    this.lost = 0;
    this.bytesLeft = BYTES_PER_SECOND * BURST_SECONDS;
    this.chunksLeft = CHUNKS_PER_SECOND * BURST_SECONDS;
    this.at = this.o.clock.monotonic();
  }

  /** One chunk of the recorded line. */
  take(direction: CaptureDirection, bytes: Uint8Array, t: number): void {
    const { channel } = this.o;
    if (this.ref === undefined) return;
    this.refill();
    if (channel.congested || bytes.length > Math.min(this.bytesLeft, LONGEST_CHUNK) || this.chunksLeft < 1) {
      this.lost += bytes.length;
      return;
    }
    this.bytesLeft -= bytes.length;
    this.chunksLeft--;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    channel.send(['bytes', this.ref, direction, t, text, this.lost]);
    this.lost = 0;
  }

  private refill(): void {
    const now = this.o.clock.monotonic();
    const seconds = (now - this.at) / 1000;
    this.at = now;
    this.bytesLeft = Math.min(BYTES_PER_SECOND * BURST_SECONDS, this.bytesLeft + seconds * BYTES_PER_SECOND);
    this.chunksLeft = Math.min(CHUNKS_PER_SECOND * BURST_SECONDS, this.chunksLeft + seconds * CHUNKS_PER_SECOND);
  }
}
