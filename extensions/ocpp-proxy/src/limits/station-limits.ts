import {
  answerOf16,
  askCapabilities,
  askComposite,
  callOf,
  limitAt,
  LimitPlan,
  orderOf16,
  profileOutcome,
  readCapabilities,
  readComposite,
  type Limit,
  type LimitCapabilities,
  type OcppVersion,
  type PlannedCall,
  type ProfileOutcome,
  type ProfileSettings,
  type RateUnit,
} from '@smx-edge/protocols/ocpp-j';
import type { Injections } from '../inject/injections.js';
import type { StationFollower } from '../observe/follower.js';
import type { Outlet } from '../observe/outlet.js';
import type { StationClock } from '../observe/station-clock.js';
import type { Circuit, InjectionAnswer } from '../relay/circuit.js';
import { BackEndLimits } from './back-end-limits.js';
import { LimitDriver } from './limit-driver.js';
import { OutletLimits, type OutletStanding } from './outlet-limits.js';

export interface StationLimitsParts {
  readonly settings: ProfileSettings;
  readonly injections: Injections;
  readonly clock: StationClock;
  now(): number;
  /** Ids of profiles that an earlier run may have left there. */
  readonly left: readonly number[];
  /** Resolves once it is kept which profiles the charge point may have. */
  keep(ids: readonly number[]): Promise<void>;
  log(text: string, fields: Readonly<Record<string, unknown>>): void;
}

type Payload = Readonly<Record<string, unknown>>;

/** s that are looked ahead for what is in force. */
const AHEAD = 60;
/** Least time between two looks at what is in force without a change of ours, ms. */
const LOOK_EVERY = 60_000;
/** The same where it is read from what comes by itself, and how old that may be, ms. */
const OFFERED_EVERY = 5000;
const OFFERED_WITHIN = 900_000;
const NOT_TOLD = 'the charge point does not tell what is in force';
const WITHIN = 8000;

/** The limits of this box on one charge point, over all its connections. */
export class StationLimits implements StationFollower {
  readonly backEnd = new BackEndLimits();
  private readonly outlets = new Map<number, OutletLimits>();
  private readonly transactions = new Map<number, string>();
  private readonly left: Set<number>;
  private circuit: Circuit | undefined;
  private version: OcppVersion | undefined;
  private asking: Promise<LimitCapabilities> | undefined;
  private isComposite: boolean | undefined;
  private readonly lookedAt = new Map<number, number>();
  private readonly changedAt = new Map<number, number>();
  private kept = '';

  constructor(private readonly o: StationLimitsParts) {
    this.left = new Set(o.left);
    this.kept = [...this.left].join();
  }

  get standing(): readonly object[] {
    return [...this.outlets.values()].flatMap(({ standing }) => standing);
  }

  /** What this box does with an outlet; undefined where it never limited it. */
  of(number: number): OutletStanding | undefined {
    return this.outlets.get(number)?.inShort;
  }

  found(outlet: Outlet): void {
    const limits = new OutletLimits(outlet, {
      settings: this.o.settings,
      isConnected: () => this.circuit !== undefined,
      driver: (of, unit) => this.driverOf(of, unit),
      changed: (of) => {
        this.changedAt.set(of.number, this.o.now());
        void this.look(of.number);
      },
    });
    this.outlets.set(outlet.number, limits);
  }

  connected(circuit: Circuit, version: OcppVersion | undefined): void {
    // another version has other capabilities
    if (version !== this.version) this.asking = undefined;
    this.circuit = version === undefined ? undefined : circuit;
    this.version = version;
    this.isComposite = undefined;
    for (const { driver } of this.outlets.values()) void driver?.run();
    void this.tidy();
  }

  disconnected(): void {
    this.circuit = undefined;
    this.isComposite = undefined;
    for (const limits of this.outlets.values()) if (limits.driver) limits.show(undefined, 'the charge point is not connected'); // prettier-ignore
  }

  booted(): void {
    const now = this.o.now();
    // a new firmware may take more
    this.asking = undefined;
    for (const { driver } of this.outlets.values()) {
      driver?.plan.anew(now);
      void driver?.run();
    }
  }

  transaction(outlet: number, id: string | undefined): void {
    if (id === undefined) this.transactions.delete(outlet);
    else this.transactions.set(outlet, id);
    const driver = this.outlets.get(outlet)?.driver;
    driver?.plan.setTransaction(this.transactionOf(outlet));
    void driver?.run();
  }

  ordered(action: string, payload: Payload): void {
    const now = this.o.now();
    const order = orderOf16(this.version ?? '1.6', { action, payload });
    this.backEnd.ordered(action, order.payload, now);
    for (const { driver, outlet } of this.outlets.values()) {
      const lost = driver?.plan.backEnd(action, order.payload, now) ?? [];
      if (lost.length > 0) this.o.log('the limit of a charge point was overwritten and is put there again', { device: outlet.device.name, action }); // prettier-ignore
      if (driver !== undefined && driver.plan.state !== 'idle') this.goOn(driver, outlet.number);
    }
  }

  /** Once a second: what is to be sent again, and what is in force now. */
  tick(): void {
    const now = this.o.now();
    if (this.circuit === undefined) return;
    for (const [number, { driver }] of this.outlets) {
      if (driver === undefined) continue;
      driver.plan.clockOffset = this.o.clock.offset;
      const every = this.isComposite === false ? OFFERED_EVERY : LOOK_EVERY;
      if (driver.isDue(now)) this.goOn(driver, number);
      else if (driver.plan.state !== 'idle' && now - (this.lookedAt.get(number) ?? 0) >= every) void this.look(number);
    }
  }

  /** Takes everything back. */
  async stop(): Promise<void> {
    if (this.circuit === undefined) return;
    await Promise.all([...this.outlets.values()].map((limits) => limits.withdraw()));
    await this.keep();
  }

  private goOn(driver: LimitDriver, number: number): void {
    void driver.run().then(() => this.look(number));
  }

  private async driverOf({ number }: Outlet, unit: RateUnit): Promise<LimitDriver> {
    const known = this.outlets.get(number)?.driver;
    if (known !== undefined && known.plan.state !== 'idle') return known;
    const capabilities = await this.capabilities();
    // while it was asked, another command may have come
    const meanwhile = this.outlets.get(number)?.driver;
    if (meanwhile !== undefined && (meanwhile !== known || meanwhile.owned.size > 0)) return meanwhile;
    const plan = new LimitPlan(capabilities, { connectorId: number, unit }, this.o.settings);
    plan.clockOffset = this.o.clock.offset;
    plan.setTransaction(this.transactionOf(number));
    return new LimitDriver(plan, {
      now: () => this.o.now(),
      isConnected: () => this.circuit !== undefined,
      send: (call) => this.put(call),
    });
  }

  /** Asked once, and again after the charge point began anew. */
  private capabilities(): Promise<LimitCapabilities> {
    this.asking ??= this.askCapabilities();
    return this.asking;
  }

  private async askCapabilities(): Promise<LimitCapabilities> {
    const version = this.version ?? '1.6';
    const answer = await this.send(askCapabilities(version));
    if (answer.status === 'ok') return readCapabilities(answerOf16(version, payloadOf(answer)));
    // what it takes is found out by trying; asked again with the next limit
    this.asking = undefined;
    return {};
  }

  private async put(call: PlannedCall): Promise<ProfileOutcome> {
    this.left.delete(call.profile.id);
    // before it is there, so that it is taken off after whatever happens
    await this.keep();
    const answer = await this.send(callOf(this.version ?? '1.6', call));
    return outcomeOf(answer);
  }

  private send(call: { readonly action: string; readonly payload: Payload }): Promise<InjectionAnswer> {
    return this.o.injections.send(this.circuit, { ...call, answerWithin: WITHIN }, 'limit');
  }

  /** Takes off what an earlier run left and nobody wants now. */
  private async tidy(): Promise<void> {
    for (const id of this.left) {
      const isWanted = [...this.outlets.values()].some(({ driver }) => driver?.owned.has(id));
      if (isWanted || this.circuit === undefined) continue;
      const call = callOf(this.version ?? '1.6', { action: 'ClearChargingProfile', payload: { id } });
      const { status } = await this.send(call);
      if (status === 'ok') this.left.delete(id);
    }
    await this.keep();
  }

  private async keep(): Promise<void> {
    const owned = [...this.outlets.values()].flatMap(({ driver }) => [...(driver?.owned ?? [])]);
    const ids = [...new Set([...this.left, ...owned])].sort((one, other) => one - other);
    if (ids.join() === this.kept) return;
    this.kept = ids.join();
    await this.o.keep(ids);
  }

  /** What is in force of all profiles together, as the charge point composes them; else what it offers the vehicle. */
  private async look(number: number): Promise<void> {
    const limits = this.outlets.get(number);
    if (limits?.driver === undefined || this.circuit === undefined) return;
    this.lookedAt.set(number, this.o.now());
    await this.keep();
    const unit = limits.driver.plan.rung?.unit ?? 'A';
    const composed = this.isComposite === false ? undefined : await this.composite(number, unit);
    // what was offered before a change proves nothing of it
    const since = this.o.now() - (this.changedAt.get(number) ?? 0);
    const offered = limits.outlet.recent('current/offered', Math.min(since, OFFERED_WITHIN));
    limits.show(composed ?? (offered === undefined ? undefined : { unit: 'A', value: offered }), NOT_TOLD);
  }

  private async composite(number: number, unit: RateUnit): Promise<Limit | undefined> {
    const version = this.version ?? '1.6';
    const payload = askComposite(number, AHEAD, unit);
    const answer = await this.send(callOf(version, { action: 'GetCompositeSchedule', payload }));
    if (answer.status === 'error') this.isComposite = false;
    if (answer.status !== 'ok') return undefined;
    const schedule = readComposite(answerOf16(version, payloadOf(answer)));
    const value = schedule && limitAt(schedule, Math.max(schedule.start ?? 0, this.o.now() + this.o.clock.offset));
    return schedule === undefined || value === undefined ? undefined : { unit: schedule.unit, value };
  }

  private transactionOf(outlet: number): number | string | undefined {
    const id = this.transactions.get(outlet);
    return id === undefined || this.version !== '1.6' ? id : Number(id);
  }
}

const payloadOf = (answer: InjectionAnswer): Payload =>
  answer.status === 'ok' && typeof answer.payload === 'object' ? (answer.payload as Payload) : {};

function outcomeOf(answer: InjectionAnswer): ProfileOutcome {
  if (answer.status === 'ok') return profileOutcome({ kind: 'result', id: '', payload: payloadOf(answer) });
  if (answer.status === 'error') return profileOutcome({ kind: 'error', id: '', payload: {}, code: answer.code });
  return 'failed';
}
