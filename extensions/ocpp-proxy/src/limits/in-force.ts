import type { LimitPlan, Limit, ProfileSettings } from '@smx-edge/protocols/ocpp-j';
import type { Outlet } from '../observe/outlet.js';
import type { Composites } from './composites.js';
import { drawnBy, DrawWatch, isWithin } from './draw-watch.js';

export interface InForceDoors {
  readonly settings: ProfileSettings;
  readonly composites: Composites;
  now(): number;
}

export const IN_FORCE = { A: 'current/limit/in-force', W: 'power/limit/in-force' } as const;
const LIMIT_EXCEEDED = 'limit-exceeded';

/** Least time between two looks at what is in force without a change of ours, ms. */
const LOOK_EVERY = 60_000;
/** The same where it is read from what comes by itself, and how old that may be, ms. */
const SEEN_EVERY = 5000;
const SEEN_WITHIN = 900_000;
const GONE = 'the charge point is not connected';
const NOT_TOLD = 'the charge point does not tell what is in force';
const WAITS = 'the charge point takes limits of a running transaction only: it gets this one with the next';

/** What is in force at an outlet, as its points show it: composed by the charge point, offered to the car, or drawn by it. */
export class InForce {
  private changedAt = -Infinity;
  private lookedAt = -Infinity;
  private known: Limit | undefined;
  private reason = NOT_TOLD;
  private accepted: string | undefined;
  private readonly watch: DrawWatch;

  constructor(
    private readonly outlet: Outlet,
    private readonly o: InForceDoors,
  ) {
    this.watch = new DrawWatch(o.settings);
  }

  /** Whether a car draws more than was accepted for it. */
  get isExceeded(): boolean {
    return this.watch.isOver;
  }

  /** Something was put on the charge point, or taken off. */
  changed(): void {
    this.changedAt = this.o.now();
  }

  isDue(now: number): boolean {
    return now - this.lookedAt >= (this.o.composites.isNone ? SEEN_EVERY : LOOK_EVERY);
  }

  gone(): void {
    this.show(undefined, GONE);
  }

  async look(plan: LimitPlan): Promise<void> {
    this.lookedAt = this.o.now();
    if (plan.state === 'waiting') {
      this.show(undefined, WAITS);
      return;
    }
    const composed = await this.o.composites.ask(this.outlet.number, plan.rung?.unit ?? 'A');
    this.show(composed ?? this.offered() ?? this.drawn(plan), NOT_TOLD);
  }

  /** What the car draws, beside what was accepted for it; `plan` undefined: no limit. */
  judge(plan: LimitPlan | undefined): void {
    const limit = acceptedBy(plan);
    const word = limit && `${limit.value} ${limit.unit}`;
    if (word !== this.accepted) this.watch.changed(this.o.now());
    this.accepted = word;
    const wasOver = this.watch.isOver;
    if (limit === undefined || !this.isCharging) this.watch.over();
    const drawn = limit && this.isCharging ? drawnBy(this.outlet, limit.unit, this.o.settings) : undefined;
    if (limit !== undefined && drawn !== undefined) this.watch.see(drawn, limit);
    const { isOver } = this.watch;
    const text = drawn && limit && `The car draws ${rounded(drawn.value)} ${limit.unit} where ${limit.value} ${limit.unit} are its limit: the charge point accepted it and does not keep it. Look at the charge point, or limit another load.`; // prettier-ignore
    // also one that an earlier run raised
    if (!isOver || text !== undefined) this.outlet.alarm('current/limit', LIMIT_EXCEEDED, isOver && text !== undefined ? { text } : undefined); // prettier-ignore
    if (wasOver !== isOver) this.show(this.known, this.reason);
  }

  private get isCharging(): boolean {
    return this.outlet.session !== undefined || this.outlet.status === 'charging';
  }

  /** What was offered before a change proves nothing of it. */
  private get recently(): number {
    return Math.min(this.o.now() - this.changedAt, SEEN_WITHIN);
  }

  private offered(): Limit | undefined {
    const value = this.outlet.recent('current/offered', this.recently);
    return value === undefined ? undefined : { unit: 'A', value };
  }

  /** A car that charges and stays within what was accepted. */
  private drawn(plan: LimitPlan): Limit | undefined {
    const limit = acceptedBy(plan);
    const drawn = limit && drawnBy(this.outlet, limit.unit, this.o.settings);
    if (limit === undefined || drawn === undefined || drawn.value <= 0 || !this.isCharging) return undefined;
    const isOfNow = this.o.now() - drawn.at <= SEEN_WITHIN && drawn.at > this.changedAt;
    return isOfNow && isWithin(drawn.value, limit, this.o.settings) ? limit : undefined;
  }

  private show(limit: Limit | undefined, reason: string): void {
    [this.known, this.reason] = [limit, reason];
    const { volts, phases } = this.o.settings;
    const factor = volts * phases;
    const amps = limit && (limit.unit === 'A' ? limit.value : limit.value / factor);
    const doubt = this.watch.isOver && { quality: 'uncertain' as const, reason: 'the car draws more than that' };
    const shown = (known: number | undefined) => known === undefined ? { value: null, reason } : { value: rounded(known), ...doubt }; // prettier-ignore
    this.outlet.device.set({
      [IN_FORCE.A]: shown(amps),
      [IN_FORCE.W]: shown(amps === undefined ? undefined : amps * factor),
    });
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

const acceptedBy = (plan: LimitPlan | undefined): Limit | undefined =>
  plan?.state === 'holding' && plan.value !== undefined && plan.rung !== undefined
    ? { unit: plan.rung.unit, value: plan.value }
    : undefined;
