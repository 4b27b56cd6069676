import type { PointValue } from '@smx-edge/model';
import { decide, type Choice, type Standing } from './decide.js';
import { DeviceLine } from './device-line.js';
import { Held } from './held.js';
import type { Judgement } from './judgement.js';
import { clamp, within } from './interval.js';
import { LimitsInForce } from './limits-in-force.js';
import { Mark } from './mark.js';
import type { SetpointFacts } from './ports.js';
import { sameValue } from './read-back.js';
import type { CommandRecord } from './record.js';
import type { SetpointOptions, SetpointTimer } from './setpoint-options.js';
import { Timers } from './timers.js';

/** A device may not show what must go because the disk is slow: then the default goes first, ms. */
const PATIENCE = 500;
/** Pause before the store is asked again, ms. */
const RETRY = 2000;

/** One set-point: puts on the device what is decided, in order, proves it, and never leaves a value without a lease. */
export class Setpoint {
  readonly standing = new Set<Held>();
  private readonly timers: Timers<SetpointTimer>;
  private readonly limits: LimitsInForce;
  private readonly mark: Mark;
  private readonly line: DeviceLine;
  private closed = false;

  constructor(private readonly o: SetpointOptions) {
    const { point, ports } = o;
    this.timers = new Timers(ports.clock);
    this.limits = new LimitsInForce(o);
    this.mark = new Mark({ point, keep: (change, done) => ports.keep(change, done) });
    this.line = new DeviceLine({
      ...{ ...o, timers: this.timers },
      belongs: (target) => isSame(this.decided(this.standing), target),
      reconcile: () => this.reconcile(),
      rest: () => this.rest(),
    });
  }

  get isReady(): boolean {
    return this.line.ready;
  }

  /** Whose value is, or is about to be, on the device. */
  get holder(): Held | undefined {
    return this.line.target?.holder;
  }

  /** What is on the device as far as the box knows; undefined = its default. */
  get present(): PointValue | undefined {
    return this.line.target?.value;
  }

  get isFree(): boolean {
    const { line } = this;
    return line.target === undefined && !line.touched && !line.mustRelease && !line.isBusy;
  }

  /** The store says that a value may stand here since an earlier life of the box. */
  doubt(value: PointValue): void {
    this.mark.found();
    this.line.doubt(value);
  }

  /**
   * The value that a new command puts on the device at once, for the store to take along with it; undefined where it does
   * not, or something comes before it. `claimed` tells how that went.
   */
  claim(record: CommandRecord): PointValue | undefined {
    const { line, mark, o } = this;
    const mayWrite = line.ready && !line.mustRelease && !mark.isBusy && !line.isBusy && line.pause <= 0;
    if (!mayWrite || !o.ports.mayHold(record)) return undefined;
    const candidate: Standing = { record, order: Infinity };
    const choice = this.decided<Standing>([...this.standing, candidate]);
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
    this.line.ready = true;
    this.reconcile(true);
  }

  /** The process of the device is gone, and with it what the box knew of it. */
  leave(text: string): void {
    this.line.lose(this.mark.stands);
    for (const held of [...this.standing])
      if (held.written && held.record.limit === undefined)
        this.o.end(held, { text, judgement: { state: 'unverified', code: 'SMX_EXTENSION_DIED', reason: text } });
  }

  /** A good reading of the proving point. */
  see(measured: PointValue): void {
    this.line.see(measured);
    this.limits.see(this.standing, measured);
    this.line.hold(measured);
  }

  /** What is proved of a command so far; for one that ends before its time to settle is over. */
  judgementOf(held: Held): Judgement {
    return this.line.judgementOf(held);
  }

  /** Makes the device follow what is decided. `urgent`: something ended, and waits for nobody. */
  reconcile(urgent = false): void {
    const { line } = this;
    line.hurry ||= urgent;
    if (!line.ready) return;
    if (line.mustRelease) {
      if (!line.isBusy) line.release();
      return;
    }
    const choice = this.closed ? undefined : this.decided(this.standing);
    if (choice === undefined) {
      if ((line.touched && !line.isBusy) || line.target !== undefined) line.release();
      else this.rest();
      this.enforce();
      return;
    }
    if (isSame(choice, line.target)) {
      this.enforce();
      return;
    }
    this.put(choice);
  }

  /** Puts the default back and gives nothing else any more; for the end of the box. */
  close(): void {
    this.closed = true;
    this.timers.clear();
    const { line } = this;
    if (line.ready && (line.touched || line.mustRelease)) line.release();
  }

  private get facts(): SetpointFacts {
    return this.o.ports.facts(this.o.point);
  }

  /** A command that stands takes part while its lease and its grant last. */
  private decided<S extends Standing>(standing: Iterable<S>): Choice<S> | undefined {
    const { point, ports } = this.o;
    const ground = { ...ports.ground(point), default: this.facts.default };
    return decide(standing, ground, (one) => !(one instanceof Held) || (one.left > 0 && ports.mayHold(one.record)));
  }

  private put(choice: Choice<Held>): void {
    const { holder } = choice;
    const { line } = this;
    if ((holder !== undefined && !holder.marked) || !this.mark.covers(choice.value)) {
      this.prepare(choice);
      return;
    }
    const { target } = line;
    // a device may set its own timer by the heartbeat: with another it is told
    const isTold = sameValue(target?.value ?? null, choice.value) && target?.holder?.record.hb === holder?.record.hb;
    if (line.confirmed && holder !== undefined && isTold) {
      line.adopt(choice, holder);
      return;
    }
    if (line.isBusy && !line.hurry) return;
    if (line.pause > 0 && !line.hurry) {
      this.timers.after('wait', line.pause, () => this.reconcile());
      return;
    }
    line.write(choice);
  }

  /** Nothing goes to the device before the store knows it: a restart must not carry it out again. */
  private prepare({ holder, value }: Choice<Held>): void {
    const { line } = this;
    if (this.mustGo && !this.timers.has('patience'))
      this.timers.after('patience', PATIENCE, () => {
        if (line.ready && this.mustGo) line.release();
      });
    if (this.mark.isBusy) return;
    if (holder !== undefined) holder.record = { ...holder.record, executed: true };
    const records = holder === undefined || holder.marked ? [] : [holder.record];
    const done = (ok: boolean): void => {
      if (ok && holder !== undefined) holder.marked = true;
      if (ok) this.reconcile();
      // it stays accepted: what a restart would not know is not executed, and may yet be
      else this.timers.after('wait', RETRY, () => this.reconcile(line.hurry));
    };
    this.mark.set(value, { records, done });
  }

  /** What stands on the device may not stay: its command is over, or the site allows it no more. */
  private get mustGo(): boolean {
    const { holder, value } = this.line.target ?? {};
    if (holder?.record.over === true) return true;
    const { hard, envelope } = this.o.ports.ground(this.o.point);
    return typeof value === 'number' && clamp(value, within(hard, envelope)) !== value;
  }

  /** Limits that stand on a point at rest are in force. */
  private enforce(): void {
    const { line } = this;
    if (!line.isBusy) this.limits.enforce(this.standing, line.target?.value ?? this.facts.default);
  }

  private rest(): void {
    const { line, mark, timers } = this;
    line.hurry = false;
    if (!mark.stands || mark.isBusy || line.touched || timers.has('stays')) return;
    mark.free(() => timers.after('free', RETRY, () => this.rest()));
  }
}

function isSame(a: Choice<Held> | undefined, b: Choice<Held> | undefined): boolean {
  return a?.holder === b?.holder && sameValue(a?.value ?? null, b?.value ?? null);
}
