import type { PointValue } from '@smx-edge/model';
import type { Choice } from './decide.js';
import type { Held } from './held.js';
import { HoldWatch } from './hold-watch.js';
import type { Judgement } from './judgement.js';
import type { SetpointFacts, WriteAnswer } from './ports.js';
import { sameValue, type Verdict } from './read-back.js';
import { ReleaseWatch } from './release-watch.js';
import type { DeviceLineOptions } from './setpoint-options.js';
import { TOO_EARLY, Write } from './write.js';

/** The way to the device of one set-point: writes and releases in order, each proved by what the device shows then. */
export class DeviceLine {
  /** The device takes commands. */
  ready = false;
  /** The device may hold a value nobody answers for. */
  mustRelease = false;
  /** What goes there next waits for nobody. */
  hurry = false;
  private sent: Choice<Held> | undefined;
  private current: Write | undefined;
  private seq = 0;
  /** Number of the write whose answer is awaited. */
  private writing: number | undefined;
  private lastWrite = -Infinity;
  private wasTouched = false;
  private isConfirmed = false;
  /** The target is to be sent once more. */
  private again = false;
  private readonly releases: ReleaseWatch;
  private readonly holds: HoldWatch;

  constructor(private readonly o: DeviceLineOptions) {
    this.releases = new ReleaseWatch(o);
    this.holds = new HoldWatch(o);
  }

  /** What was sent last; undefined = the default. */
  get target(): Choice<Held> | undefined {
    return this.sent;
  }

  /** Something was sent to the device since its default stood there. */
  get touched(): boolean {
    return this.wasTouched;
  }

  /** The device said that it took the target. */
  get confirmed(): boolean {
    return this.isConfirmed;
  }

  /** An answer of the device is awaited. */
  get isBusy(): boolean {
    return this.writing !== undefined;
  }

  /** ms until the device may be written to again. */
  get pause(): number {
    return this.lastWrite + this.facts.interval - this.o.ports.clock.monotonic();
  }

  /** An earlier life of the box may have left a value there. */
  doubt(value: PointValue): void {
    this.releases.doubt(value);
    this.mustRelease = true;
  }

  /** The process of the device is gone, and with it what the box knew of it; `marked`: a value may stand there. */
  lose(marked: boolean): void {
    this.ready = false;
    this.seq++;
    this.writing = undefined;
    this.o.timers.clear();
    this.mustRelease ||= marked;
    this.sent = this.current = undefined;
    this.wasTouched = false;
    this.holds.forget();
  }

  /** A good reading of the proving point. */
  see(measured: PointValue): void {
    const write = this.current;
    if (write?.see(measured) === true && this.writing === undefined) this.settled(write);
  }

  /** Sends a value; the store knows that it may stand there. */
  write(choice: Choice<Held>): void {
    const { point, ports } = this.o;
    const { holder, value } = choice;
    const last = this.sent?.holder;
    if (last !== undefined && last !== holder && last.record.outcome === undefined)
      this.o.conclude(last, this.judgementOf(last));
    this.o.timers.clear();
    if (!this.holds.follows(holder) || !sameValue(this.sent?.value ?? null, value)) this.holds.forget();
    const write = new Write(++this.seq, choice, {
      facts: this.facts,
      before: this.sent,
      shown: ports.reading(point),
    });
    this.sent = choice;
    this.releases.sent(value);
    this.wasTouched = true;
    this.current = write;
    this.writing = write.seq;
    this.lastWrite = ports.clock.monotonic();
    this.hurry = this.isConfirmed = this.again = false;
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
      if (holder !== undefined) {
        this.o.conclude(holder, { state: 'ignored', reason: 'the device says that it did nothing' });
        this.insist(write, holder);
      }
    } else if (answer.outcome === 'failed') this.unanswered(write, answer);
    else this.taken(write, answer);
    if (this.again) this.assert();
    else this.o.reconcile();
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
    this.sent = write.before;
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
    this.isConfirmed = true;
    if (holder === undefined) return;
    this.takeOver(write.before?.holder, holder, answer.value);
    if (write.isOpen && !write.fits) this.watch(write);
    else this.settled(write);
  }

  /** The device has that value already: only whose it is changes. */
  adopt(choice: Choice<Held>, holder: Held): void {
    const { facts, sent: target, current } = this;
    const shown = this.o.ports.reading(this.o.point);
    const write = new Write(this.seq, choice, { facts, before: undefined, shown });
    if (current !== undefined) {
      write.taken = current.taken;
      write.clampedByDevice = current.clampedByDevice;
    }
    this.sent = choice;
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
    this.o.timers.after('settle', this.facts.settle, () => {
      const verdict = write.late();
      if (verdict === undefined) this.watch(write);
      else this.settled(write, verdict);
    });
  }

  private settled(write: Write, verdict?: Verdict): void {
    this.o.timers.end('settle');
    const { holder } = write.choice;
    if (holder === undefined) return;
    const fits = verdict === undefined ? write.fits : verdict.kind === 'fits';
    this.o.conclude(holder, write.close(holder, verdict));
    if (fits) this.holds.proved(holder, write.taken);
    else if (this.insist(write, holder)) this.restore();
  }

  /** What was shown once has to be there, also where another had the point or the site other bounds meanwhile. */
  private insist(write: Write, holder: Held): boolean {
    const isDue = this.holds.follows(holder) || holder.record.outcome === 'verified';
    if (isDue) this.holds.follow(holder, write.taken);
    return isDue;
  }

  /** A device may lose in the middle of a lease what it once showed: it is given time to settle, then told again. */
  hold(measured: PointValue): void {
    const { holds } = this;
    const { timers } = this.o;
    if (this.writing !== undefined || timers.has('settle') || !holds.follows(this.sent?.holder)) return;
    if (!holds.isLost(measured)) timers.end('lost');
    else if (!timers.has('lost')) timers.after('lost', this.facts.settle, () => this.restore());
  }

  private restore(): void {
    if (this.sent === undefined || this.writing !== undefined || !this.holds.follows(this.sent.holder)) return;
    if (this.pause > 0) this.o.timers.after('lost', this.pause, () => this.restore());
    else if (this.holds.next() === 'write') this.assert();
  }

  /** What is proved of a command so far; for one that ends before its time to settle is over. */
  judgementOf(held: Held): Judgement {
    const write = this.current;
    return write?.choice.holder === held ? write.soFar(held) : TOO_EARLY;
  }

  /** A write that was still under way when a newer one went out may have reached the device after it. */
  private overtaken(): void {
    if (!this.ready) return;
    if (this.writing === undefined) this.assert();
    else this.again = true;
  }

  /** Sends what belongs there once more. */
  private assert(): void {
    if (this.sent === undefined) this.release();
    // what ends this very moment is followed by something else
    else if ((this.sent.holder?.left ?? 1) <= 0) return;
    else if (this.o.belongs(this.sent)) this.write(this.sent);
    else this.o.reconcile();
  }

  /** Puts the default back. */
  release(): void {
    const { point, ports } = this.o;
    const seq = ++this.seq;
    this.o.timers.clear();
    this.holds.forget();
    this.sent = this.current = undefined;
    this.writing = seq;
    this.lastWrite = ports.clock.monotonic();
    this.hurry = this.isConfirmed = this.again = false;
    ports.release(point, (answer) => {
      if (this.writing === seq) this.writing = undefined;
      if (seq !== this.seq) {
        if (this.sent !== undefined) this.overtaken();
        return;
      }
      if (this.again) this.release();
      else if (answer.outcome === 'applied' || answer.outcome === 'clamped') this.released();
      else this.retryRelease(answer);
    });
  }

  private released(): void {
    this.releases.taken();
    this.mustRelease = this.wasTouched = false;
    if (this.facts.proven) this.o.timers.after('stays', this.facts.settle, () => this.look());
    this.o.reconcile();
  }

  private look(): void {
    const next = this.releases.look();
    if (next === 'rest') this.o.rest();
    else if (next === 'release' && this.ready) this.release();
  }

  private get facts(): SetpointFacts {
    return this.o.ports.facts(this.o.point);
  }

  private retryRelease(answer: WriteAnswer): void {
    this.mustRelease = true;
    this.o.timers.after('retry', this.releases.refused(answer), () => this.o.reconcile());
  }
}
