import type { FrameHead } from '../frame/kind.js';

/**
 * What a frame may tell an `Observer`, by its head. `nothing`: it need not be looked into; `momentary`: the next one says it anew;
 * `lasting`: what is told once, with the answers to it.
 */
export type FrameWeight = 'nothing' | 'momentary' | 'lasting';

/** CALLs and SENDs of a charge point that tell something, of all versions. */
const WEIGHTS: ReadonlyMap<string, FrameWeight> = new Map<string, FrameWeight>([
  ['MeterValues', 'momentary'],
  ['BootNotification', 'lasting'],
  ['StatusNotification', 'lasting'],
  ['StartTransaction', 'lasting'],
  ['StopTransaction', 'lasting'],
  ['TransactionEvent', 'lasting'],
]);
/** Only with the answer a session of 1.6 begins or ends, and a charge point is accepted. */
const AWAITED: ReadonlySet<string> = new Set(['StartTransaction', 'StopTransaction', 'BootNotification']);
/** More are never open. */
const MOST = 64;

/** Tells frames of one connection apart before any is parsed: nearly all answers, and many calls, tell nothing. */
export class FrameSieve {
  /** Ids of CALLs of the charge point whose answers tell something; made when there is one. */
  private awaited: Set<string> | undefined;

  fromChargePoint(head: FrameHead | undefined): FrameWeight {
    if (head === undefined) return 'nothing';
    const { action } = head;
    // whether a CALL of the back end was taken; there are few
    if (action === undefined) return head.kind === 'call' || head.kind === 'send' ? 'nothing' : 'lasting';
    if (head.kind === 'call' && AWAITED.has(action)) this.await(head.id);
    return WEIGHTS.get(action) ?? 'nothing';
  }

  fromBackEnd(head: FrameHead | undefined): FrameWeight {
    if (head === undefined) return 'nothing';
    if (head.action !== undefined) return 'lasting';
    return this.awaited?.delete(head.id) === true ? 'lasting' : 'nothing';
  }

  private await(id: string): void {
    const awaited = (this.awaited ??= new Set());
    awaited.add(id);
    if (awaited.size <= MOST) return;
    for (const oldest of awaited) {
      awaited.delete(oldest);
      return;
    }
  }
}
