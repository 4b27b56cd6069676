import type { FrameHead } from '../frame/kind.js';
import { OpenCalls } from './open-calls.js';
import { PastIds } from './past-ids.js';
import {
  emptyStep,
  SCHEDULER_DEFAULTS,
  type BytesOf,
  type Injection,
  type SchedulerOptions,
  type Step,
} from './step.js';

interface Sent {
  readonly id: string;
  readonly deadline: number;
  /** Nothing else was sent to the charge point since. */
  isAlone: boolean;
}

interface Held<F> {
  readonly id: string;
  readonly frame: F;
}

interface Waiting<F> extends Injection<F> {
  readonly startBy: number;
}

/** CALLs held meanwhile: above it the injection is given up, so that nothing of a back end is lost. */
const MOST_HELD = 256;
const MOST_HELD_BYTES = 4 * 1024 * 1024;
/** Of those that go first, and of the others. */
const MOST_WAITING = 64;
/** The id of a CALLERROR to a message whose id could not be read (2.1 part 4 §4.2.3). */
const UNREADABLE = '-1';

/**
 * Who may send what to one charge point, for the life of its connection (2.1 part 4 §4.1.1, §6.4): a state machine without clock
 * or sockets. An injected CALL and CALLs of the back end are never open together: those that come meanwhile are held and follow
 * in their order. Whatever is no CALL passes at once, what the charge point sends always. Answers to injected CALLs, also late
 * and doubled ones, never reach the back end. `now` is ms of any clock that does not step back.
 */
export class Scheduler<F> {
  private readonly options: SchedulerOptions;
  private readonly open: OpenCalls;
  /** Own ids that ended, and ids of back ends that went: their answers go nowhere. */
  private readonly past = new PastIds();
  private held: Held<F>[] = [];
  private heldBytes = 0;
  private waiting: Waiting<F>[] = [];
  private sent: Sent | undefined;

  constructor(
    options: Partial<SchedulerOptions> = {},
    private readonly bytesOf: BytesOf<F> = () => 0,
  ) {
    this.options = { ...SCHEDULER_DEFAULTS, ...options };
    this.open = new OpenCalls(this.options.callTimeout);
  }

  /** A frame of the back end with its head, undefined where it has none. */
  fromBackEnd(frame: F, head: FrameHead | undefined, now: number): Step<F> {
    const step = emptyStep<F>();
    this.expire(step, now);
    if (head?.kind !== 'call') {
      step.toChargePoint.push(frame);
      if (this.sent) this.sent.isAlone = false;
    } else if (this.sent) {
      this.held.push({ id: head.id, frame });
      this.heldBytes += this.bytesOf(frame);
    } else {
      this.open.add(head.id, now);
      step.toChargePoint.push(frame);
    }
    if (this.held.length > MOST_HELD || this.heldBytes > MOST_HELD_BYTES) this.giveUp(step, now);
    return this.told(step);
  }

  /** A frame of the charge point with its head, undefined where it has none. */
  fromChargePoint(frame: F, head: FrameHead | undefined, now: number): Step<F> {
    const step = emptyStep<F>();
    // an answer counts although its time is just over
    if (head && this.isOfSent(head)) this.end(step, now, { status: 'answered', frame, head });
    else if (!head || !this.isForNobody(head)) step.toBackEnd.push(frame);
    this.expire(step, now);
    return this.told(step);
  }

  inject(injection: Injection<F>, now: number): Step<F> {
    const step = emptyStep<F>();
    const isFull = this.waiting.filter(({ goesFirst }) => goesFirst === injection.goesFirst).length >= MOST_WAITING;
    if (isFull) step.ended.push({ id: injection.id, status: 'busy', wasSent: false });
    else this.queue({ ...injection, startBy: now + (injection.startWithin ?? this.options.startWithin) });
    this.expire(step, now);
    return this.told(step);
  }

  /** Time went on and nothing came. */
  elapsed(now: number): Step<F> {
    const step = emptyStep<F>();
    this.expire(step, now);
    return this.told(step);
  }

  /**
   * The connection to the back end went and the one to the charge point stays: CALLs that were held go with it, and answers to
   * those that were sent belong to no later connection.
   */
  backEndGone(now: number): Step<F> {
    this.dropHeld();
    for (const id of this.open.orphan()) this.past.add(id);
    return this.elapsed(now);
  }

  /** The connection to the charge point went: this is the end of this scheduler. */
  chargePointGone(): Step<F> {
    const step = emptyStep<F>();
    if (this.sent) step.ended.push({ id: this.sent.id, status: 'absent', wasSent: true });
    for (const { id } of this.waiting) step.ended.push({ id, status: 'absent', wasSent: false });
    this.sent = undefined;
    this.dropHeld();
    this.waiting = [];
    return step;
  }

  /** Also an error for an unreadable id, where the injected CALL is all that it can be about. */
  private isOfSent({ kind, id }: FrameHead): boolean {
    if (!this.sent || !isAnswer(kind)) return false;
    return id === this.sent.id || (id === UNREADABLE && kind === 'error' && this.sent.isAlone && !this.open.has(id));
  }

  private isForNobody({ kind, id }: FrameHead): boolean {
    if (!isAnswer(kind)) return false;
    const whose = kind === 'result-error' ? undefined : this.open.answered(id);
    return whose === undefined ? this.past.has(id) : whose === 'nobody';
  }

  private giveUp(step: Step<F>, now: number): void {
    this.end(step, now, { status: 'timeout', wasSent: true });
  }

  /** The open injection ends; what was held follows before anything else is injected. */
  private end(step: Step<F>, now: number, how: DistributiveOmit<Step<F>['ended'][number], 'id'>): void {
    const { id } = this.sent!;
    this.sent = undefined;
    this.past.add(id);
    step.ended.push({ id, ...how });
    for (const held of this.held) {
      this.open.add(held.id, now);
      step.toChargePoint.push(held.frame);
    }
    this.dropHeld();
  }

  private dropHeld(): void {
    this.held = [];
    this.heldBytes = 0;
  }

  private queue(injection: Waiting<F>): void {
    const place = injection.goesFirst === true ? this.waiting.findIndex(({ goesFirst }) => goesFirst !== true) : -1;
    this.waiting.splice(place < 0 ? this.waiting.length : place, 0, injection);
  }

  private expire(step: Step<F>, now: number): void {
    if (this.sent && this.sent.deadline <= now) this.giveUp(step, now);
    this.open.expire(now);
    for (const { id, startBy } of this.waiting)
      if (startBy <= now) step.ended.push({ id, status: 'timeout', wasSent: false });
    if (this.waiting.length > 0) this.waiting = this.waiting.filter(({ startBy }) => startBy > now);
    this.start(step, now);
  }

  private start(step: Step<F>, now: number): void {
    if (this.sent || !this.open.isEmpty) return;
    const next = this.waiting.shift();
    if (next === undefined) return;
    const deadline = now + (next.answerWithin ?? this.options.answerWithin);
    this.sent = { id: next.id, deadline, isAlone: true };
    step.toChargePoint.push(next.frame);
  }

  private told(step: Step<F>): Step<F> {
    const times = this.waiting.map(({ startBy }) => startBy);
    if (this.sent) times.push(this.sent.deadline);
    else if (this.waiting.length > 0 && this.open.expiresAt !== undefined) times.push(this.open.expiresAt);
    if (times.length > 0) step.wakeAt = Math.min(...times);
    return step;
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const isAnswer = (kind: FrameHead['kind']): boolean => kind === 'result' || kind === 'error' || kind === 'result-error';
