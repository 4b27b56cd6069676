import type { FrameHead } from '@smx-edge/protocols/ocpp-j';

/** CALLs remembered at one time: a charge point has one open. */
const MOST = 64;

/**
 * For charge points that lose an answer which comes too fast (eProWallbox and StartTransaction.conf, lbbrhzn/ocpp#2080): how long
 * the answer has to wait.
 */
export class ResponseDelay {
  private readonly due = new Map<string, number>();

  /** ms by action. */
  constructor(private readonly delays: ReadonlyMap<string, number>) {}

  /** A CALL of the charge point came at `now`. */
  called(head: FrameHead | undefined, now: number): void {
    const delay = head?.kind === 'call' && head.action !== undefined ? this.delays.get(head.action) : undefined;
    if (delay === undefined) return;
    this.due.set(head!.id, now + delay);
    if (this.due.size > MOST) this.due.delete(this.due.keys().next().value!);
  }

  /** ms that a frame of the back end waits from `now` on. */
  wait(head: FrameHead | undefined, now: number): number {
    const due = head === undefined || head.kind === 'call' ? undefined : this.due.get(head.id);
    if (due === undefined) return 0;
    this.due.delete(head!.id);
    return Math.max(0, due - now);
  }
}
