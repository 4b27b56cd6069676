import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { WireFrame } from '../relay/wire.js';

const MOST_FRAMES = 1_000;
const MOST_BYTES = 1024 * 1024;

interface Held {
  readonly frame: WireFrame;
  readonly head: FrameHead | undefined;
}

/** Frames of one charge point that wait for its back end, in the order they came, none handed to any connection yet. */
export class HeldFrames {
  private readonly frames: Held[] = [];
  private bytes = 0;

  get size(): number {
    return this.frames.length;
  }

  /** False where no more are kept. */
  add(frame: WireFrame, head: FrameHead | undefined): boolean {
    // an answer to a CALL of a connection that is no more
    if (head !== undefined && head.kind !== 'call' && head.kind !== 'send') return true;
    const before = this.frames.findIndex((held) => isRetry(held, { frame, head }));
    if (before >= 0) this.frames[before] = { frame, head };
    else {
      this.frames.push({ frame, head });
      this.bytes += frame.data.length;
    }
    return this.frames.length <= MOST_FRAMES && this.bytes <= MOST_BYTES;
  }

  /** Hands frames on in order until `take` takes no more; true once none is left. */
  drain(take: (frame: WireFrame) => boolean): boolean {
    for (let next = this.frames[0]; next !== undefined; next = this.frames[0]) {
      if (!take(next.frame)) return false;
      this.frames.shift();
      this.bytes -= next.frame.data.length;
    }
    return true;
  }
}

/**
 * Whether `later` is `earlier` once more: the charge point gave up waiting and asks again, with the same or another id. Only one of
 * them may arrive, and it waits for the answer to the later one.
 */
function isRetry(earlier: Held, later: Held): boolean {
  if (earlier.head?.kind !== 'call' || later.head?.kind !== 'call') return false;
  return earlier.head.action === later.head.action && afterId(earlier).equals(afterId(later));
}

/** What follows the id: action and payload, as bytes. */
function afterId({ frame, head }: Held): Buffer {
  const at = frame.data.indexOf(`"${head!.id}"`);
  return at < 0 ? frame.data : frame.data.subarray(at + Buffer.byteLength(head!.id) + 2);
}
