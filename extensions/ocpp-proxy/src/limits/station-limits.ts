import {
  callOf,
  LimitPlan,
  orderOf16,
  profileOutcome,
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
import { Composites } from './composites.js';
import { KnownCapabilities, type KeptCapabilities } from './known-capabilities.js';
import { LimitDriver } from './limit-driver.js';
import { OutletLimits, type OutletStanding } from './outlet-limits.js';
import { payloadOf, type Payload } from './payload.js';

export interface StationLimitsParts {
  readonly settings: ProfileSettings;
  readonly injections: Injections;
  readonly clock: StationClock;
  now(): number;
  /** Ids of profiles that an earlier run may have left there. */
  readonly left: readonly number[];
  /** Resolves once it is kept which profiles the charge point may have. */
  keep(ids: readonly number[]): Promise<void>;
  /** What its firmware takes, from an earlier run. */
  keptCapabilities(): Promise<KeptCapabilities | undefined>;
  keepCapabilities(known: KeptCapabilities): Promise<void>;
  log(text: string, fields: Readonly<Record<string, unknown>>): void;
}

const WITHIN = 8000;

/** The limits of this box on one charge point, over all its connections. */
export class StationLimits implements StationFollower {
  readonly backEnd = new BackEndLimits();
  private readonly outlets = new Map<number, OutletLimits>();
  private readonly transactions = new Map<number, string>();
  private readonly left: Set<number>;
  private circuit: Circuit | undefined;
  private version: OcppVersion | undefined;
  private readonly composites: Composites;
  private readonly capabilities: KnownCapabilities;
  private kept = '';

  constructor(private readonly o: StationLimitsParts) {
    this.left = new Set(o.left);
    this.kept = [...this.left].join();
    const send: StationLimits['send'] = (call) => this.send(call);
    this.composites = new Composites({ now: () => o.now(), clockOffset: () => o.clock.offset, send });
    this.capabilities = new KnownCapabilities({ kept: () => o.keptCapabilities(), keep: (known) => o.keepCapabilities(known), send }); // prettier-ignore
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
      ...{ settings: this.o.settings, composites: this.composites, now: () => this.o.now() },
      isConnected: () => this.circuit !== undefined,
      driver: (of, unit) => this.driverOf(of, unit),
      changed: (of) => {
        this.outlets.get(of.number)?.inForce.changed();
        void this.look(of.number);
      },
    });
    this.outlets.set(outlet.number, limits);
  }

  connected(circuit: Circuit, version: OcppVersion | undefined): void {
    this.circuit = version === undefined ? undefined : circuit;
    this.version = version;
    this.capabilities.connected(version);
    this.composites.connected(version);
    for (const { driver } of this.outlets.values()) void driver?.run();
    void this.tidy();
  }

  disconnected(): void {
    this.circuit = undefined;
    for (const { driver, inForce } of this.outlets.values()) if (driver) inForce.gone();
  }

  booted(firmware: string | undefined): void {
    const now = this.o.now();
    const isOther = this.capabilities.booted(firmware);
    for (const { driver } of this.outlets.values()) driver?.plan.anew(now);
    void this.renew(isOther);
  }

  transaction(outlet: number, id: string | undefined): void {
    if (id === undefined) this.transactions.delete(outlet);
    else this.transactions.set(outlet, id);
    const driver = this.outlets.get(outlet)?.driver;
    if (id === undefined) this.backEnd.transactionEnded(outlet);
    driver?.plan.setTransaction(this.transactionOf(outlet));
    if (driver !== undefined && driver.plan.state !== 'idle') this.goOn(driver, outlet);
  }

  ordered(action: string, payload: Payload): void {
    const now = this.o.now();
    const order = orderOf16(this.version ?? '1.6', { action, payload });
    this.backEnd.ordered({ action, payload: order.payload, sent: payload }, now);
    for (const { driver, outlet } of this.outlets.values()) {
      const lost = driver?.plan.backEnd(action, order.payload, now) ?? [];
      // one that begins anew may have kept them
      if (action !== 'Reset') for (const { id } of lost) driver?.owned.delete(id);
      if (lost.length > 0) this.o.log('the limit of a charge point was overwritten and is put there again', { device: outlet.device.name, action }); // prettier-ignore
      if (driver !== undefined && driver.plan.state !== 'idle') this.goOn(driver, outlet.number);
    }
  }

  /** Once a second: what is to be sent again, and what is in force now. */
  tick(): void {
    const now = this.o.now();
    if (this.circuit === undefined) return;
    for (const [number, { driver, inForce }] of this.outlets) {
      inForce.judge(driver?.plan);
      if (driver === undefined) continue;
      driver.plan.clockOffset = this.o.clock.offset;
      if (driver.isDue(now)) this.goOn(driver, number);
      else if (driver.plan.state !== 'idle' && inForce.isDue(now)) void this.look(number);
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
    const capabilities = (await this.capabilities.get()) ?? {};
    // while it was asked, another command may have come
    const meanwhile = this.outlets.get(number)?.driver;
    if (meanwhile !== undefined && (meanwhile !== known || meanwhile.owned.size > 0)) return meanwhile;
    return this.newDriver(number, { unit, capabilities });
  }

  private newDriver(
    number: number,
    of: { readonly unit: RateUnit; readonly capabilities: LimitCapabilities },
  ): LimitDriver {
    const plan = new LimitPlan(of.capabilities, { connectorId: number, unit: of.unit }, this.o.settings);
    plan.clockOffset = this.o.clock.offset;
    plan.setTransaction(this.transactionOf(number));
    // never above what the back end put there before
    for (const order of this.backEnd.orders) plan.backEnd('SetChargingProfile', order, this.o.now());
    return new LimitDriver(plan, {
      capabilities: of.capabilities,
      now: () => this.o.now(),
      isConnected: () => this.circuit !== undefined,
      send: (call) => this.put(call),
    });
  }

  /** After a boot: limits go on, in the way of the new firmware where it takes other ones. */
  private async renew(isOther: boolean): Promise<void> {
    const limited = [...this.outlets.values()].filter(
      ({ driver }) => driver !== undefined && driver.plan.state !== 'idle',
    );
    const capabilities = limited.length > 0 ? await this.capabilities.get() : undefined;
    for (const limits of limited) {
      const { driver, outlet } = limits;
      if (driver === undefined || driver.plan.state === 'idle') continue;
      const isNew = capabilities !== undefined && (isOther || JSON.stringify(capabilities) !== JSON.stringify(driver.capabilities)); // prettier-ignore
      if (isNew) await this.move(limits, capabilities);
      else await driver.run();
      await this.look(outlet.number);
    }
  }

  /** The new way first and then the old one away, so that there is always a limit. */
  private async move(limits: OutletLimits, capabilities: LimitCapabilities): Promise<void> {
    const { driver, outlet, limit } = limits;
    const next = this.newDriver(outlet.number, { unit: limit?.unit ?? 'A', capabilities });
    limits.driver = next;
    await driver?.retire();
    for (const id of driver?.owned ?? []) this.left.add(id);
    await next.set(limits.limit);
    await this.tidy();
  }

  private async put(call: PlannedCall): Promise<ProfileOutcome> {
    const { id } = call.profile;
    const { version = '1.6' } = this;
    if (call.isTheirs === true) {
      const theirs = { action: call.action, payload: this.backEnd.sentAs(id) ?? callOf(version, call).payload };
      this.o.log('a profile of the back end is put back that a limit had displaced', { id });
      return outcomeOf(await this.send(theirs));
    }
    const wasLeft = this.left.delete(id);
    // before it is there, so that it is taken off after whatever happens
    await this.keep();
    const outcome = outcomeOf(await this.send(callOf(version, call)));
    // where the new one is not taken, the old one of this id is still there
    if (wasLeft && outcome !== 'accepted' && outcome !== 'failed') this.left.add(id);
    return outcome;
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

  private async look(number: number): Promise<void> {
    const limits = this.outlets.get(number);
    if (limits?.driver === undefined || this.circuit === undefined) return;
    await this.keep();
    await limits.inForce.look(limits.driver.plan);
  }

  private transactionOf(outlet: number): number | string | undefined {
    const id = this.transactions.get(outlet);
    return id === undefined || this.version !== '1.6' ? id : Number(id);
  }
}

function outcomeOf(answer: InjectionAnswer): ProfileOutcome {
  if (answer.status === 'ok') return profileOutcome({ kind: 'result', id: '', payload: payloadOf(answer) });
  if (answer.status === 'error') return profileOutcome({ kind: 'error', id: '', payload: {}, code: answer.code });
  return 'failed';
}
