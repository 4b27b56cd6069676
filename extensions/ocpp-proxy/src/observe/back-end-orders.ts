import { decodeFrame, type Frame, type FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { WireFrame } from '../relay/wire.js';

/** What a back end may do to the profiles of this box. */
const WATCHED: ReadonlySet<string> = new Set(['SetChargingProfile', 'ClearChargingProfile', 'Reset']);
/** Answers of 1.6 and 2.x that mean that it was, or will be, done. */
const ACCEPTED: ReadonlySet<unknown> = new Set(['Accepted', 'Scheduled']);
const MOST = 32;

/** What the back end ordered that may undo a limit of this box, once the charge point has accepted it. */
export class BackEndOrders {
  private readonly open = new Map<string, Frame>();

  asked({ data }: WireFrame, head: FrameHead | undefined): void {
    if (head?.kind !== 'call' || head.action === undefined || !WATCHED.has(head.action)) return;
    const frame = decodeFrame(data);
    if (frame === undefined) return;
    this.open.set(head.id, frame);
    const [oldest] = this.open.keys();
    if (this.open.size > MOST && oldest !== undefined) this.open.delete(oldest);
  }

  /** The order that this answer accepts; undefined where it is of none, or refuses it. */
  answered({ data }: WireFrame, head: FrameHead | undefined): Frame | undefined {
    if (this.open.size === 0 || (head?.kind !== 'result' && head?.kind !== 'error')) return undefined;
    const order = this.open.get(head.id);
    this.open.delete(head.id);
    if (order === undefined || head.kind === 'error') return undefined;
    const status = decodeFrame(data)?.payload['status'];
    // what a limit has displaced the charge point does not know: it is cleared all the same
    const isCleared = order.action === 'ClearChargingProfile' && status === 'Unknown';
    return isCleared || ACCEPTED.has(status) ? order : undefined;
  }
}
