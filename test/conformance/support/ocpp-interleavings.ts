import type { FrameHead, FrameKind, Scheduler, Step } from '@smx-edge/protocols/ocpp-j';
import { seeded } from '../../faults/support/random.js';

const CALL_TIMEOUT = 30_000;
const ACTIONS = 40;

/** A frame that is known by itself; what it says stands in its head. */
interface Message {
  readonly from: 'back-end' | 'charge-point' | 'box';
  readonly head: FrameHead | undefined;
}

/** A CALL that the charge point has got and not answered. */
interface AtPoint {
  readonly message: Message;
  readonly id: string;
  readonly at: number;
  /** Of a connection of the back end that is gone. */
  isOrphan: boolean;
}

/** What the interleavings met, so that nobody takes an empty run for a good one. */
export interface Met {
  faults: string[];
  steps: number;
  held: number;
  late: number;
  doubled: number;
  orphans: number;
  timeouts: number;
  answered: number;
}

const ANSWERS: readonly FrameKind[] = ['result', 'error'];

/**
 * One interleaving of a back end, a charge point and injections over a scheduler, held against what each of them may see: never two
 * kinds of CALL open at the charge point, no answer to an injection at the back end, none of its own lost, all in order.
 */
class Interleaving {
  private now = 0;
  private serial = 0;
  private atPoint: AtPoint[] = [];
  /** CALLs of the back end on their way, in order. */
  private onTheWay: Message[] = [];
  private injection: string | undefined;
  private readonly unended = new Set<string>();
  private readonly past: string[] = [];
  private wakeAt: number | undefined;

  constructor(
    private readonly scheduler: Scheduler<Message>,
    private readonly random: () => number,
    private readonly met: Met,
  ) {}

  run(): void {
    for (let i = 0; i < ACTIONS; i++) this.act();
    // in the end all is answered, and nothing may be left
    for (let i = 0; this.atPoint.length > 0 || this.unended.size > 0; i++) {
      if (i > 500) {
        this.fault(`${this.unended.size} injections never end`);
        return;
      }
      if (this.atPoint.length > 0) this.answer(this.atPoint[0]!);
      else this.pass(1000);
    }
    if (this.onTheWay.length > 0) this.fault('a CALL of the back end never reached the charge point');
  }

  private act(): void {
    const way = this.below(20);
    if (way < 5) this.backEndCalls();
    else if (way < 7) this.backEndSays();
    else if (way < 9) this.pointSays();
    else if (way < 14) this.answerAny();
    else if (way < 17) this.inject();
    else if (way < 19) this.pass(this.below(8) === 0 ? this.below(40_000) : this.below(4000));
    else if (this.below(4) === 0) this.backEndGoes();
    else this.pointRepeats();
  }

  private backEndCalls(): void {
    // now and then an id that was one of ours
    const id = this.below(30) === 0 ? this.pastId() : undefined;
    const message = this.message('back-end', { kind: 'call', id: id ?? this.fresh('b'), action: 'Reset' });
    const isHeld = this.injection !== undefined;
    if (isHeld) this.met.held += 1;
    this.onTheWay.push(message);
    this.check(this.scheduler.fromBackEnd(message, message.head, this.now), []);
  }

  private backEndSays(): void {
    const kind = (['result', 'error', 'result-error', 'send', undefined] as const)[this.below(5)];
    const message = this.message('back-end', kind && { kind, id: this.fresh('p') });
    const step = this.scheduler.fromBackEnd(message, message.head, this.now);
    if (step.toChargePoint.at(-1) !== message) this.fault('what is no CALL of the back end did not pass at once');
    this.check({ ...step, toChargePoint: step.toChargePoint.slice(0, -1) }, []);
  }

  private pointSays(): void {
    const kind = (['call', 'send', 'result', 'error', 'result-error', undefined] as const)[this.below(6)];
    const message = this.message('charge-point', kind && { kind, id: this.fresh('c') });
    this.check(this.scheduler.fromChargePoint(message, message.head, this.now), [message]);
  }

  private answerAny(): void {
    const call = this.atPoint[this.below(this.atPoint.length)];
    if (call) this.answer(call);
  }

  private answer(call: AtPoint): void {
    this.atPoint.splice(this.atPoint.indexOf(call), 1);
    const message = this.message('charge-point', { kind: ANSWERS[this.below(2)]!, id: call.id });
    const isOwn = call.message.from === 'box';
    const isAwaited = isOwn && this.injection === call.id;
    if (isAwaited) this.injection = undefined;
    if (isOwn && !isAwaited) this.met.late += 1;
    if (call.isOrphan) this.met.orphans += 1;
    const step = this.scheduler.fromChargePoint(message, message.head, this.now);
    const end = step.ended.find(({ id }) => id === call.id);
    if (isAwaited && (end?.status !== 'answered' || end.frame !== message)) this.fault('an injection lost its answer');
    if (!isAwaited && isOwn && end) this.fault('an injection ended twice');
    this.check(step, isOwn || call.isOrphan ? [] : [message]);
  }

  /** An answer to an injection that was answered before. */
  private pointRepeats(): void {
    const id = this.pastId();
    if (id === undefined) return;
    this.met.doubled += 1;
    const message = this.message('charge-point', { kind: ANSWERS[this.below(2)]!, id });
    this.check(this.scheduler.fromChargePoint(message, message.head, this.now), []);
  }

  private inject(): void {
    const id = this.fresh('smx-');
    this.unended.add(id);
    const frame = this.message('box', { kind: 'call', id, action: 'SetChargingProfile' });
    this.check(this.scheduler.inject({ id, frame }, this.now), []);
  }

  private backEndGoes(): void {
    this.onTheWay = [];
    for (const call of this.atPoint) if (call.message.from === 'back-end') call.isOrphan = true;
    this.check(this.scheduler.backEndGone(this.now), []);
  }

  /** Time goes on; timers come when they are due, or too late together with something else. */
  private pass(ms: number): void {
    this.now += ms;
    if (this.wakeAt !== undefined && this.wakeAt <= this.now) this.check(this.scheduler.elapsed(this.now), []);
  }

  private check(step: Step<Message>, expected: readonly Message[]): void {
    this.met.steps += 1;
    this.wakeAt = step.wakeAt;
    if (step.toBackEnd.length !== expected.length || step.toBackEnd.some((message, i) => message !== expected[i]))
      this.fault(`the back end got ${describe(step.toBackEnd)} instead of ${describe(expected)}`);
    for (const end of step.ended) {
      if (!this.unended.delete(end.id)) this.fault(`${end.id} ended twice`);
      if (end.status === 'answered') this.met.answered += 1;
      else this.met.timeouts += 1;
      if (this.injection === end.id) this.injection = undefined;
      // what was never sent nobody answers
      if (end.status === 'answered' || end.wasSent) this.past.push(end.id);
    }
    for (const message of step.toChargePoint) this.reaches(message);
  }

  private reaches(message: Message): void {
    const { id } = message.head!;
    if (this.injection !== undefined) this.fault(`${id} was sent while ${this.injection} was open`);
    if (message.from === 'box') {
      const open = this.atPoint.find(
        ({ message: { from }, at }) => from === 'back-end' && at + CALL_TIMEOUT > this.now,
      );
      if (open) this.fault(`${id} was injected while ${open.id} of the back end was open`);
      if (!this.unended.has(id)) this.fault(`${id} was sent after its end`);
      this.injection = id;
    } else if (this.onTheWay.shift() !== message) this.fault(`${id} of the back end was sent twice or out of order`);
    this.atPoint.push({ message, id, at: this.now, isOrphan: false });
  }

  /** An own id that ended and whose CALL the charge point has answered. */
  private pastId(): string | undefined {
    const id = this.past[this.below(this.past.length)];
    const isFree = [...this.atPoint, ...this.onTheWay.map(({ head }) => head!)].every((one) => one.id !== id);
    return isFree ? id : undefined;
  }

  private message(from: Message['from'], head: FrameHead | undefined): Message {
    return { from, head };
  }

  private fresh(prefix: string): string {
    return `${prefix}${(this.serial += 1)}`;
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private fault(what: string): void {
    if (this.met.faults.length < 20) this.met.faults.push(what);
  }
}

const describe = (messages: readonly Message[]): string => JSON.stringify(messages.map(({ head }) => head));

/** `count` interleavings, the same for the same seed. */
export function interleave(make: () => Scheduler<never>, count: number, seed: number): Met {
  const random = seeded(seed);
  const met: Met = { faults: [], steps: 0, held: 0, late: 0, doubled: 0, orphans: 0, timeouts: 0, answered: 0 };
  for (let i = 0; i < count; i++) new Interleaving(make(), random, met).run();
  return met;
}
