import type { Clock } from '@smx-edge/model';
import type { RecordingLimits } from '../context.js';
import type { CaptureDirection } from '../transports/types.js';
import type { Channel } from './channel.js';

const BYTES_PER_SECOND = 64 * 1024;
const BURST_SECONDS = 4;
/** Bytes of the allowed rate for one chunk a second: a line has small ones. */
const BYTES_PER_CHUNK = 256;
/** Chunks a second, whatever the rate: half of the messages that an instance may send. */
const MOST_CHUNKS = 500;
const LONGEST_CHUNK = 256 * 1024;

/** Raw bytes of one line on their way to the host: bounded, so that recording a line never drowns its values. */
export class Recording {
  /** The line that is recorded. */
  ref: number | undefined;
  private lost = 0;
  private bytesLeft = 0;
  private chunksLeft = 0;
  private at = 0;
  /** Bytes that came since it began. */
  private taken = 0;
  /** What lines allow that do not leave it at the usual. */
  private readonly limits = new Map<number, RecordingLimits>();
  private readonly o: { channel: Channel; clock: Clock };

  constructor(o: { channel: Channel; clock: Clock }) {
    this.o = o;
  }

  /** What a recording of a line may take. */
  limit(ref: number, limits: RecordingLimits): void {
    this.limits.set(ref, limits);
  }

  begin(ref: number | undefined): void {
    this.ref = ref;
    this.lost = this.taken = 0;
    this.bytesLeft = this.rate * BURST_SECONDS;
    this.chunksLeft = this.chunkRate * BURST_SECONDS;
    this.at = this.o.clock.monotonic();
    if (this.most === 0) this.end();
  }

  /** One chunk of the recorded line. */
  take(direction: CaptureDirection, bytes: Uint8Array, t: number): void {
    const { channel } = this.o;
    if (this.ref === undefined) return;
    if (this.taken + bytes.length > this.most) {
      this.end();
      return;
    }
    this.taken += bytes.length;
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

  private get own(): RecordingLimits | undefined {
    return this.ref === undefined ? undefined : this.limits.get(this.ref);
  }

  private get rate(): number {
    return this.own?.rate ?? BYTES_PER_SECOND;
  }

  private get chunkRate(): number {
    return Math.min(MOST_CHUNKS, this.rate / BYTES_PER_CHUNK);
  }

  private get most(): number {
    return this.own?.max ?? Infinity;
  }

  private end(): void {
    const { ref, most, own } = this;
    this.ref = undefined;
    if (ref === undefined) return;
    const reason = most === 0 ? 'this line may not be recorded' : `it holds the ${most} bytes that it may`;
    this.o.channel.send(['recorded', ref, own?.hint === undefined ? reason : `${reason}: ${own.hint}`]);
  }

  private refill(): void {
    const now = this.o.clock.monotonic();
    const seconds = (now - this.at) / 1000;
    this.at = now;
    const { rate, chunkRate } = this;
    this.bytesLeft = Math.min(rate * BURST_SECONDS, this.bytesLeft + seconds * rate);
    this.chunksLeft = Math.min(chunkRate * BURST_SECONDS, this.chunksLeft + seconds * chunkRate);
  }
}
