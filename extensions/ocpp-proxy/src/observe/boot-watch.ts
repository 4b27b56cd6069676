import { decodeFrame, type FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { WireFrame } from '../relay/wire.js';

/** Who was not accepted yet takes no orders (1.6 ed.2 §4.2, 2.0.1 B02). */
const NOT_YET: ReadonlySet<unknown> = new Set(['Pending', 'Rejected']);

/** The BootNotification of a charge point until it is accepted. */
export class BootWatch {
  private id: string | undefined;

  asked(head: FrameHead | undefined): void {
    if (head?.kind === 'call' && head.action === 'BootNotification') this.id = head.id;
  }

  /** Whether this is the answer that accepts it. */
  isAccepted({ data }: WireFrame, head: FrameHead | undefined): boolean {
    if (this.id === undefined || head?.kind !== 'result' || head.id !== this.id) return false;
    this.id = undefined;
    return !NOT_YET.has(decodeFrame(data)?.payload['status']);
  }
}
