import type { PointValue } from '@smx-edge/model';
import { decide, type Choice, type Standing } from './decide.js';
import type { Held } from './held.js';
import type { Judgement } from './judgement.js';
import { HoldWatch } from './hold-watch.js';
import { LimitsInForce } from './limits-in-force.js';
import { Mark } from './mark.js';
import type { SetpointFacts, WriteAnswer } from './ports.js';
import { sameValue, type Verdict } from './read-back.js';
import type { CommandRecord } from './record.js';
import { ReleaseWatch } from './release-watch.js';
import type { SetpointOptions } from './setpoint-options.js';
import { Timers } from './timers.js';
import { TOO_EARLY, Write } from './write.js';

/** A device may not show an ended command because the disk is slow: then the default goes first, ms. */
const PATIENCE = 500;
/** Pause before the store is asked again, ms. */
const RETRY = 2000;

/** One set-point: puts on the device what is decided, in order, proves it, and never leaves a value without a lease. */
export class Setpoint {
  readonly standing = new Set<Held>();
  private ready = false;
  /** The device may hold a value nobody answers for. */
  private mustRelease = false;
  /** What was sent last; undefined = the default. */
  private target: Choice<Held> | undefined;
  private current: Write | undefined;
  private seq = 0;
  /** Number of the write whose answer is awaited. */
  private writing: number | undefined;
  private lastWrite = -Infinity;
  /** Something was sent to the device since its default stood there. */
  private touched = false;
  private hurry = false;
  /** The device said that it took the target. */
  private confirmed = false;
  /** The target is to be sent once more. */
  private again = false;
  private readonly timers: Timers<'wait' | 'settle' | 'patience' | 'retry' | 'stays' | 'free' | 'lost'>;
  private readonly limits: LimitsInForce;
  private readonly mark: Mark;
  private readonly releases: ReleaseWatch;
  private readonly holds: HoldWatch;

  constructor(private readonly o: SetpointOptions) {
    const { point, ports } = o;
    this.timers = new Timers(ports.clock);
    this.limits = new LimitsInForce(o);
    this.mark = new Mark({ point, keep: (change, done) => ports.keep(change, done) });
    this.releases = new ReleaseWatch(o);
    this.holds = new HoldWatch(o);
  }

  get isReady(): boolean {
    return this.ready;
  }

  /** Whose value is, or is about to be, on the device. */
  get holder(): Held | undefined {
    return this.target?.holder;
  }

  /** What is on the device as far as the box knows; undefined = its default. */
  get present(): PointValue | undefined {
    return this.target?.value;
  }

  get isFree(): boolean {
    return this.target === undefined && !this.touched && !this.mustRelease && this.writing === undefined;
  }

  /** The store says that a value may stand here since an earlier life of the box. */
  doubt(value: PointValue): void {
    this.mark.found();
    this.releases.sent(value);
    this.mustRelease = true;
  }

  /**
   * The value that a new command puts on the device at once, for the store to take along with it; undefined where it does
   * not, or something comes before it. `claimed` tells how that went.
   */
  claim(record: CommandRecord): PointValue | undefined {
    const { mark, o } = this;
    const mayWrite = this.ready && !this.mustRelease && !mark.isBusy && this.writing === undefined && this.pause <= 0;
    if (!mayWrite || !o.ports.mayHold(record)) return undefined;
    const candidate: Standing = { record, order: Infinity };
    const choice = this.decided([...this.eligible(), candidate]);
    if (choice?.holder !== candidate) return undefined;
    mark.claim();
    return choice.value;
  }

  /** What was claimed is durable; with undefined its command was not taken. */
  claimed(value: PointValue | undefined): void {
    this.mark.claimed(value);
  }

  /** The device takes commands from now on. */
  arrive(): void {
    this.ready = true;
    this.reconcile(true);
  }

  /** The process of the device is gone, and with it what the box knew of it. */
  leave(text: string): void {
    this.ready = false;
    this.seq++;
    this.writing = undefined;
    this.timers.clear();
    this.mustRelease ||= this.mark.stands;
    this.target = this.current = undefined;
    this.touched = false;
    this.holds.forget();
    for (const held of [...this.standing])
      if (held.written && held.record.limit === undefined)
        this.o.end(held, { text, judgement: { state: 'unverified', code: 'SMX_EXTENSION_DIED', reason: text } });
  }

  /** A good reading of the proving point. */
  see(measured: PointValue): void {
    const write = this.current;
    if (write?.see(measured) === true && this.writing === undefined) this.settled(write);
    this.limits.see(this.standing, measured);
    this.hold(measured);
  }

  /** Makes the device follow what is decided. `urgent`: something ended, and waits for nobody. */
  reconcile(urgent = false): void {
    this.hurry ||= urgent;
    if (!this.ready) return;
    if (this.mustRelease) {
      if (this.writing === undefined) this.release();
      return;
    }
    const choice = this.decided(this.eligible());
    if (choice === undefined) {
      if (this.touched && this.writing === undefined) this.release();
      else if (this.target !== undefined) this.release();
      else this.rest();
      this.enforce();
      return;
    }
    if (this.target?.holder === choice.holder && sameValue(this.target?.value ?? null, choice.value)) {
      this.enforce();
      return;
    }
    this.put(choice);
  }

  /** Puts the default back and gives nothing else any more; for the end of the box. */
  close(): void {
    this.timers.clear();
    if (this.ready && (this.touched || this.mustRelease)) this.release();
  }

  private get facts(): SetpointFacts {
    return this.o.ports.facts(this.o.point);
  }

  /** ms until the device may be written to again. */
  private get pause(): number {
    return this.lastWrite + this.facts.interval - this.o.ports.clock.monotonic();
  }

  private eligible(): Held[] {
    return [...this.standing].filter((held) => held.left > 0 && this.o.ports.mayHold(held.record));
  }

  private decided<S extends Standing>(standing: readonly S[]): Choice<S> | undefined {
    const { point, ports } = this.o;
    return decide(standing, { ...ports.ground(point), default: this.facts.default });
  }

  private put(choice: Choice<Held>): void {
    const { holder } = choice;
    if ((holder !== undefined && !holder.marked) || !this.mark.covers(choice.value)) {
      this.prepare(choice);
      return;
    }
    if (this.confirmed && holder !== undefined && sameValue(this.target?.value ?? null, choice.value)) {
      this.adopt(choice, holder);
      return;
    }
    if (this.writing !== undefined && !this.hurry) return;
    if (this.pause > 0 && !this.hurry) {
      this.timers.after('wait', this.pause, () => this.reconcile());
      return;
    }
    this.write(choice);
  }

  /** Nothing goes to the device before the store knows it: a restart must not carry it out again. */
  private prepare({ holder, value }: Choice<Held>): void {
    if (this.target?.holder?.record.over === true)
      if (!this.timers.has('patience'))
        this.timers.after('patience', PATIENCE, () => {
          if (this.ready && this.target?.holder?.record.over === true) this.release();
        });
    if (this.mark.isBusy) return;
    if (holder !== undefined) holder.record = { ...holder.record, executed: true };
    const records = holder === undefined || holder.marked ? [] : [holder.record];
    const done = (ok: boolean): void => {
      if (ok && holder !== undefined) holder.marked = true;
      if (ok) this.reconcile();
      // it stays accepted: what a restart would not know is not executed, and may yet be
      else this.timers.after('wait', RETRY, () => this.reconcile(this.hurry));
    };
    this.mark.set(value, { records, done });
  }

  private write(choice: Choice<Held>): void {
    const { point, ports } = this.o;
    const { holder, value } = choice;
    const last = this.target?.holder;
    if (last !== undefined && last !== holder && last.record.outcome === undefined)
      this.o.conclude(last, this.judgementOf(last));
    this.timers.clear();
    if (!this.holds.follows(holder) || !sameValue(this.target?.value ?? null, value)) this.holds.forget();
    const write = new Write(++this.seq, choice, {
      facts: this.facts,
      before: this.target,
      shown: ports.reading(point),
    });
    this.target = choice;
    this.releases.sent(value);
    this.touched = true;
    this.current = write;
    this.writing = write.seq;
    this.lastWrite = ports.clock.monotonic();
    this.hurry = this.confirmed = this.again = false;
    if (holder !== undefined) holder.written = true;
    ports.write(point, write.command, (answer) => this.answered(write, answer));
  }

  private answered(write: Write, answer: WriteAnswer): void {
    if (this.writing === write.seq) this.writing = undefined;
    if (write.seq !== this.seq) {
      this.overtaken();
      return;
    }
    const { holder } = write.choice;
    if (answer.outcome === 'refused') this.refused(write, answer);
    else if (answer.outcome === 'ignored') {
      if (holder !== undefined)
        this.o.conclude(holder, { state: 'ignored', reason: 'the device says that it did nothing' });
    } else if (answer.outcome === 'failed') this.unanswered(write, answer);
    else this.taken(write, answer);
    if (this.again) this.assert();
    else this.reconcile();
  }

  private refused(write: Write, { code, text }: Extract<WriteAnswer, { outcome: 'refused' }>): void {
    const { holder } = write.choice;
    const { point, ports } = this.o;
    // a device has codes of its own; parties know those of the house
    const own = !code.startsWith('SMX_');
    const reason = own ? `${code}: ${text ?? 'the device refuses it'}` : (text ?? 'the device refuses it');
    if (holder === undefined) {
      ports.alarm(point, {
        code: 'command.envelope',
        raised: true,
        text: `${point} refuses the envelope of the site: ${code} ${reason}`,
      });
      return;
    }
    this.target = write.before;
    this.current = undefined;
    this.o.end(holder, {
      text: reason,
      judgement: { state: 'refused', code: own ? 'SMX_COMMAND_REFUSED' : code, reason },
    });
  }

  private unanswered(write: Write, { code, text }: Extract<WriteAnswer, { outcome: 'failed' }>): void {
    const { holder } = write.choice;
    if (holder === undefined) return;
    if (write.isOpen) this.watch(write);
    else this.o.conclude(holder, { state: 'unverified', code, reason: text });
  }

  private taken(write: Write, answer: Extract<WriteAnswer, { outcome: 'applied' | 'clamped' }>): void {
    const { holder } = write.choice;
    write.took(answer);
    this.confirmed = true;
    if (holder === undefined) return;
    this.takeOver(write.before?.holder, holder, answer.value);
    if (write.isOpen && !write.fits) this.watch(write);
    else this.settled(write);
  }

  /** The device has that value already: only whose it is changes. */
  private adopt(choice: Choice<Held>, holder: Held): void {
    const { facts, target, current } = this;
    const shown = this.o.ports.reading(this.o.point);
    const write = new Write(this.seq, choice, { facts, before: undefined, shown });
    if (current !== undefined) {
      write.taken = current.taken;
      write.clampedByDevice = current.clampedByDevice;
    }
    this.target = choice;
    this.current = write;
    this.hurry = false;
    holder.written = true;
    this.takeOver(target?.holder, holder, write.taken);
    if (!write.isOpen || (shown !== null && write.see(shown))) this.settled(write);
    else this.watch(write);
  }

  private takeOver(before: Held | undefined, holder: Held, value: PointValue): void {
    this.o.applied(holder, value);
    if (before !== undefined && before !== holder && before.record.over !== true) this.o.displaced(before, holder);
  }

  private watch(write: Write): void {
    this.timers.after('settle', this.facts.settle, () => {
      const verdict = write.late();
      if (verdict === undefined) this.watch(write);
      else this.settled(write, verdict);
    });
  }

  private settled(write: Write, verdict?: Verdict): void {
    this.timers.end('settle');
    const { holder } = write.choice;
    if (holder === undefined) return;
    const fits = verdict === undefined ? write.fits : verdict.kind === 'fits';
    this.o.conclude(holder, write.close(holder, verdict));
    if (fits) this.holds.proved(holder, write.taken);
    else if (this.holds.follows(holder)) this.restore();
  }

  /** A device may lose in the middle of a lease what it once showed: it is given time to settle, then told again. */
  private hold(measured: PointValue): void {
    const { holds, timers } = this;
    if (this.writing !== undefined || timers.has('settle') || !holds.follows(this.target?.holder)) return;
    if (!holds.isLost(measured)) timers.end('lost');
    else if (!timers.has('lost')) timers.after('lost', this.facts.settle, () => this.restore());
  }

  private restore(): void {
    if (this.target === undefined || this.writing !== undefined || !this.holds.follows(this.target.holder)) return;
    if (this.pause > 0) this.timers.after('lost', this.pause, () => this.restore());
    else if (this.holds.next() === 'write') this.assert();
  }

  /** What is proved of a command so far; for one that ends before its time to settle is over. */
  judgementOf(held: Held): Judgement {
    const write = this.current;
    return write?.choice.holder === held ? write.soFar(held) : TOO_EARLY;
  }

  /** Limits that stand on a point at rest are in force. */
  private enforce(): void {
    if (this.writing === undefined) this.limits.enforce(this.standing, this.target?.value ?? this.facts.default);
  }

  /** A write that was still under way when a newer one went out may have reached the device after it. */
  private overtaken(): void {
    if (!this.ready) return;
    if (this.writing === undefined) this.assert();
    else this.again = true;
  }

  /** Sends what belongs there once more. */
  private assert(): void {
    if (this.target === undefined) this.release();
    // what ends this very moment is followed by something else
    else if ((this.target.holder?.left ?? 1) > 0) this.write(this.target);
  }

  private release(): void {
    const { point, ports } = this.o;
    const seq = ++this.seq;
    this.timers.clear();
    this.holds.forget();
    this.target = this.current = undefined;
    this.writing = seq;
    this.lastWrite = ports.clock.monotonic();
    this.hurry = this.confirmed = this.again = false;
    ports.release(point, (answer) => {
      if (this.writing === seq) this.writing = undefined;
      if (seq !== this.seq) {
        if (this.target !== undefined) this.overtaken();
        return;
      }
      if (this.again) this.release();
      else if (answer.outcome === 'applied' || answer.outcome === 'clamped') this.released();
      else this.retryRelease(answer);
    });
  }

  private released(): void {
    this.releases.taken();
    this.mustRelease = this.touched = false;
    if (this.facts.proven) this.timers.after('stays', this.facts.settle, () => this.look());
    this.reconcile();
  }

  private look(): void {
    const next = this.releases.look();
    if (next === 'rest') this.rest();
    else if (next === 'release' && this.ready) this.release();
  }

  private rest(): void {
    const { mark, timers } = this;
    this.hurry = false;
    if (!mark.stands || mark.isBusy || this.touched || timers.has('stays')) return;
    mark.free(() => timers.after('free', RETRY, () => this.rest()));
  }

  private retryRelease(answer: WriteAnswer): void {
    this.mustRelease = true;
    this.timers.after('retry', this.releases.refused(answer), () => this.reconcile());
  }
}
