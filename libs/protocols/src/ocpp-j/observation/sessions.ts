import type { IdTag } from './id-tag.js';
import type { Reading } from './meter-values.js';
import type { Observation, Session } from './observation.js';

/** A session that goes on, as it is kept over a restart: no tag is in it. */
export interface OpenSession {
  readonly transactionId: string;
  readonly outlet: number;
  readonly startedAt?: number;
  /** Register at its start, Wh. */
  readonly meterStart?: number;
  /** The register at the start was not told: it is the first one after it. */
  readonly isStartLate?: boolean;
}

export interface SessionStart extends Omit<OpenSession, 'isStartLate'> {
  readonly idTag?: IdTag;
}

export interface SessionEnd {
  readonly transactionId: string;
  readonly outlet?: number;
  readonly endedAt?: number;
  readonly meterStop?: number;
  readonly reason?: string;
  readonly idTag?: IdTag;
}

/** No station has more outlets in use; ids that ended are remembered so that a repeated message ends nothing again. */
const MOST_OPEN = 256;
const MOST_ENDED = 64;

/** The sessions of one station. */
export class Sessions {
  private readonly running = new Map<string, OpenSession>();
  private readonly tags = new Map<string, IdTag>();
  private readonly ended = new Set<string>();

  constructor(open: readonly OpenSession[] = []) {
    for (const session of open) this.running.set(session.transactionId, session);
  }

  get open(): readonly OpenSession[] {
    return [...this.running.values()];
  }

  find(transactionId: string): OpenSession | undefined {
    return this.running.get(transactionId);
  }

  /** The newest of an outlet: an earlier one may still wait for its end. */
  at(outlet: number): OpenSession | undefined {
    return [...this.running.values()].findLast((session) => session.outlet === outlet);
  }

  /** Whether it ended, and no other of its id has begun. */
  hasEnded(transactionId: string): boolean {
    return this.ended.has(transactionId);
  }

  /** Nothing where it is known already: stations repeat what was not answered in time. */
  start({ idTag, ...session }: SessionStart): readonly Observation[] {
    const known = this.running.get(session.transactionId);
    if (idTag) this.tags.set(session.transactionId, idTag);
    if (known && known.outlet === session.outlet && known.startedAt === session.startedAt) return [];
    this.ended.delete(session.transactionId);
    this.running.set(session.transactionId, session);
    if (this.running.size > MOST_OPEN) this.forget([...this.running.keys()][0]!);
    return [{ kind: 'session-started', session: { ...session, ...(idTag && { idTag }) } }];
  }

  /** The tag of a session that began before anybody was known. */
  identify(transactionId: string, idTag: IdTag): void {
    if (this.running.has(transactionId)) this.tags.set(transactionId, idTag);
  }

  end({ transactionId, idTag, ...end }: SessionEnd): readonly Observation[] {
    const { isStartLate, meterStart, ...known } = this.running.get(transactionId) ?? {};
    const start = isStartLate === true ? undefined : meterStart;
    const tag = this.tags.get(transactionId) ?? idTag;
    const energy = chargedOf(start, end.meterStop);
    const session: Session = {
      ...known,
      ...end,
      transactionId,
      ...(start !== undefined && { meterStart: start }),
      ...(energy !== undefined && { energy }),
      ...(tag && { idTag: tag }),
    };
    this.forget(transactionId);
    this.ended.add(transactionId);
    if (this.ended.size > MOST_ENDED) this.ended.delete([...this.ended][0]!);
    return [{ kind: 'session-ended', session }];
  }

  /**
   * What was charged so far, where `register` (Wh) belongs to the session. Where the start was not told, the first register after
   * it stands for it: nothing is said at that one, and what follows is uncertain.
   */
  charged(session: OpenSession, register: number): Reading | undefined {
    const { meterStart } = session;
    if (meterStart === undefined) {
      this.running.set(session.transactionId, { ...session, meterStart: register, isStartLate: true });
      return undefined;
    }
    const value = chargedOf(meterStart, register);
    const reading = { path: 'energy/session', unit: 'Wh', value: value ?? null } as const;
    if (value === undefined) return { ...reading, reason: 'the register is below the one at the start' };
    return session.isStartLate === true ? { ...reading, quality: 'uncertain' } : reading;
  }

  private forget(transactionId: string): void {
    this.running.delete(transactionId);
    this.tags.delete(transactionId);
  }
}

/** Undefined where one is not known, or a meter was exchanged meanwhile. */
function chargedOf(start: number | undefined, stop: number | undefined): number | undefined {
  if (start === undefined || stop === undefined || stop < start) return undefined;
  return Number((stop - start).toPrecision(15));
}
