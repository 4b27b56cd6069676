import { crc32 } from 'node:zlib';

/**
 * A record in a segment: marker (2 bytes), length of the payload (4), CRC-32 over length and payload (4), payload.
 * Little endian. Unused space is zero, so a marker is never zero and length 0 never occurs.
 */
export const FRAME_HEAD = 10;
const MARKER = 0xa55a;
/** Longest payload; a longer one is damage. */
export const LONGEST_PAYLOAD = 2 ** 20;

/** Completes the frame of `length` payload bytes that stand from `FRAME_HEAD` in `frame`. */
export function sealFrame(frame: Buffer, length: number): void {
  frame.writeUInt16LE(MARKER, 0);
  frame.writeUInt32LE(length, 2);
  frame.writeUInt32LE(frameCrc(frame, 0, length), 6);
}

function frameCrc(bytes: Buffer, at: number, length: number): number {
  return crc32(bytes.subarray(at + FRAME_HEAD, at + FRAME_HEAD + length), crc32(bytes.subarray(at + 2, at + 6)));
}

/** What stands at `at` in `bytes`: the payload length of a whole sound frame, or why there is none. */
function frameAt(bytes: Buffer, at: number): number | 'empty' | 'short' | 'damaged' {
  const left = bytes.length - at;
  if (left < FRAME_HEAD) return 'short';
  const marker = bytes.readUInt16LE(at);
  if (marker === 0) return 'empty';
  const length = bytes.readUInt32LE(at + 2);
  if (marker !== MARKER || length === 0 || length > LONGEST_PAYLOAD) return 'damaged';
  if (left < FRAME_HEAD + length) return 'short';
  return bytes.readUInt32LE(at + 6) === frameCrc(bytes, at, length) ? length : 'damaged';
}

/** The next offset from `at` where a frame may begin, or the end of `bytes`. */
function nextMarker(bytes: Buffer, at: number): number {
  for (let i = bytes.indexOf(MARKER & 0xff, at); i >= 0; i = bytes.indexOf(MARKER & 0xff, i + 1))
    if (bytes[i + 1] === MARKER >> 8) return i;
  return bytes.length;
}

/**
 * Walks the sound frames of `bytes` from `at`. Damage in between is stepped over to the next sound frame and noted;
 * zeros behind the last frame are unused space, anything else there is a torn tail.
 */
export class FrameWalker {
  /** Payload of the frame that `next` found. */
  start = 0;
  end = 0;
  /** Behind the last sound frame. */
  used: number;
  /** Ranges of bytes that are no sound frame. */
  readonly damaged: (readonly [from: number, to: number])[] = [];

  constructor(
    readonly bytes: Buffer,
    at: number,
  ) {
    this.used = at;
  }

  next(): boolean {
    let at = this.used;
    let found = frameAt(this.bytes, at);
    while (typeof found !== 'number' && at < this.bytes.length) {
      at = nextMarker(this.bytes, at + 1);
      found = frameAt(this.bytes, at);
    }
    if (typeof found !== 'number') {
      const rest = this.bytes.subarray(this.used);
      if (rest.some((byte) => byte !== 0)) this.damaged.push([this.used, this.bytes.length]);
      return false;
    }
    if (at > this.used) this.damaged.push([this.used, at]);
    this.start = at + FRAME_HEAD;
    this.end = this.start + found;
    this.used = this.end;
    return true;
  }
}
