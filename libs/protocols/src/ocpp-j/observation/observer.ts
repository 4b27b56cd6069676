import { decodeFrame, type Frame } from '../frame/frame.js';
import type { FrameHead } from '../frame/kind.js';
import type { OcppVersion } from '../version.js';
import { detachmentsOf, tookDetachment } from './detachment.js';
import { Dialect16 } from './dialect-16.js';
import { Dialect2 } from './dialect-2.js';
import type { Dialect } from './dialect.js';
import type { Observation } from './observation.js';
import { PendingCalls } from './pending-calls.js';
import { Sessions, type OpenSession } from './sessions.js';

/**
 * What frames between a charge point and its back end tell of the site. It sees copies after they were passed on, takes whatever
 * comes, and never throws: what it does not understand tells nothing. What is injected is not shown to it.
 */
export class Observer {
  private readonly sessions: Sessions;
  private readonly dialect: Dialect;
  private readonly asked = { chargePoint: new PendingCalls(), backEnd: new PendingCalls() };

  /** `open` are the sessions that were open when an earlier observer of the same station was left. */
  constructor(version: OcppVersion, open: readonly OpenSession[] = []) {
    this.sessions = new Sessions(open);
    this.dialect = version === '1.6' ? new Dialect16(this.sessions) : new Dialect2(this.sessions, version);
  }

  /** To be kept over a restart; plain JSON without tags. */
  get openSessions(): readonly OpenSession[] {
    return this.sessions.open;
  }

  /** `head`, where it was peeked already. */
  fromChargePoint(raw: string | Uint8Array, head?: FrameHead): readonly Observation[] {
    const frame = decodeFrame(raw, head);
    if (frame === undefined) return [];
    if (frame.action === undefined) return this.chargePointAnswered(frame);
    if (frame.kind === 'call' && this.dialect.awaits.includes(frame.action)) this.asked.chargePoint.add(frame);
    return this.dialect.call(frame.action, frame.payload);
  }

  fromBackEnd(raw: string | Uint8Array, head?: FrameHead): readonly Observation[] {
    const frame = decodeFrame(raw, head);
    if (frame === undefined) return [];
    if (frame.action === undefined) {
      const call = isAnswer(frame) ? this.asked.chargePoint.take(frame.id) : undefined;
      return call ? this.dialect.answered({ action: call.action!, payload: call.payload, answer: frame }) : [];
    }
    const detachments = detachmentsOf(frame.action, frame.payload);
    // only of these the answer tells anything
    if (frame.kind === 'call' && detachments.length > 0) this.asked.backEnd.add(frame);
    return detachments.map((detachment) => ({ kind: 'detachment', detachment: { ...detachment, stage: 'asked' } }));
  }

  private chargePointAnswered(frame: Frame): readonly Observation[] {
    const call = isAnswer(frame) ? this.asked.backEnd.take(frame.id) : undefined;
    if (call === undefined) return [];
    return detachmentsOf(call.action!, call.payload).flatMap((detachment): readonly Observation[] => {
      const isTaken = frame.kind === 'error' ? false : tookDetachment(detachment, frame.payload);
      if (isTaken === undefined) return [];
      return [{ kind: 'detachment', detachment: { ...detachment, stage: isTaken ? 'accepted' : 'refused' } }];
    });
  }
}

const isAnswer = ({ kind }: Frame): boolean => kind === 'result' || kind === 'error';
