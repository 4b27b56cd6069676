import {
  FrameSieve,
  Observer,
  type FrameHead,
  type Observation,
  type OcppVersion,
  type Session,
} from '@smx-edge/protocols/ocpp-j';
import { GATEWAY_STATUSES } from '../away/breaker.js';
import { spokenOn, type Circuit } from '../relay/circuit.js';
import type { LinkEnd, WireFrame } from '../relay/wire.js';
import { BackEndOrders } from './back-end-orders.js';
import { BootWatch } from './boot-watch.js';
import type { StationFollower } from './follower.js';
import type { Outlet, Plate } from './outlet.js';
import type { StationClock } from './station-clock.js';

/** What a charge point shares with the others. */
export interface StationParts {
  readonly identity: string;
  readonly clock: StationClock;
  readonly follower: StationFollower;
  /** Outlets that are known before it comes. */
  readonly known: readonly number[];
  outlet(number: number): Outlet;
  detachment(outlet: Outlet, detachment: Extract<Observation, { kind: 'detachment' }>['detachment']): void;
  /** It came through this box. */
  returned(outlet: Outlet): void;
  backEndAway(outlet: Outlet, why: string | undefined): void;
  sessionsOf(): ConstructorParameters<typeof Observer>[1];
  keepSessions(sessions: Observer['openSessions']): void;
  now(): number;
}

type Status = Extract<Observation, { kind: 'status' }>;

/** No charge point has more. */
const MOST_OUTLETS = 64;

/** A charge point with what is known of it, over all its connections. */
export class Station {
  readonly outlets = new Map<number, Outlet>();
  /** `observed` are those of which nothing is missed, `dropped` those that were passed on unseen. */
  readonly counts = { fromChargePoint: 0, fromBackEnd: 0, observed: 0, dropped: 0 };
  /** What is worth a look, of frames as they are passed on. */
  readonly sieve = new FrameSieve();
  circuit: Circuit | undefined;
  /** How its last connection ended, and when. */
  last: { readonly code: number; readonly reason: string; readonly t: number } | undefined;
  /** Why it was not let in last. */
  refused: { readonly status: number; readonly text: string; readonly t: number } | undefined;
  /** Since when the back end is as it is. */
  backEndSince: number | undefined;
  plate: Plate = {};
  /** What its only outlet said last of itself on this connection, and whether the charge point as a whole is off. */
  private said: Status | undefined;
  private isWholeOff = false;
  private observer: Observer | undefined;
  private orders = new BackEndOrders();
  private readonly boot = new BootWatch();

  constructor(private readonly o: StationParts) {
    for (const number of o.known) this.outlet(number);
    for (const { outlet, ...session } of o.sessionsOf() ?? []) this.began({ outlet, ...session }, { isTold: true });
  }

  get identity(): string {
    return this.o.identity;
  }

  get version(): OcppVersion | undefined {
    return this.circuit && spokenOn(this.circuit);
  }

  opened(circuit: Circuit): void {
    this.circuit = circuit;
    this.said = undefined;
    this.refused = undefined;
    this.backEndSince = circuit.openedAt;
    const version = spokenOn(circuit);
    this.observer = version && new Observer(version, this.observer?.openSessions ?? this.o.sessionsOf());
    this.orders = new BackEndOrders();
    if (this.outlets.size === 0) this.outlet(1);
    for (const outlet of this.outlets.values()) outlet.connected();
    this.o.returned(this.main);
    this.o.backEndAway(this.main, circuit.farSide?.isStandIn === true ? 'this box serves the charge point' : undefined);
    this.o.follower.connected(circuit, version);
  }

  closed(circuit: Circuit, { code, reason }: LinkEnd): void {
    // one that came again has another circuit by now
    if (circuit !== this.circuit) return;
    this.circuit = undefined;
    this.last = { code, reason: reason.toString(), t: this.o.now() };
    for (const outlet of this.outlets.values()) outlet.disconnected();
    this.o.follower.disconnected();
  }

  turnedAway(status: number, text: string): void {
    this.refused = { status, text, t: this.o.now() };
    // what refuses it is there; whoever dials beside one that is connected proves nothing of its back end
    if (this.circuit === undefined) this.o.backEndAway(this.main, GATEWAY_STATUSES.includes(status) ? text : undefined);
  }

  backEndGone({ code, reason }: LinkEnd): void {
    this.backEndSince = this.o.now();
    this.o.backEndAway(this.main, `its connection ended with ${code} ${reason.toString()}`.trim());
  }

  backEndCame(): void {
    this.backEndSince = this.o.now();
    this.o.backEndAway(this.main, undefined);
  }

  fromChargePoint(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    if (circuit !== this.circuit) return;
    this.counts.observed += 1;
    for (const observation of this.observer?.fromChargePoint(frame.data, head) ?? []) this.take(observation);
    this.boot.asked(head);
    const order = this.orders.answered(frame, head);
    if (order?.action !== undefined) this.o.follower.ordered(order.action, order.payload);
  }

  fromBackEnd(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    if (circuit !== this.circuit) return;
    this.counts.observed += 1;
    this.orders.asked(frame, head);
    if (this.boot.isAccepted(frame, head)) this.o.follower.booted(this.plate.firmware);
    for (const observation of this.observer?.fromBackEnd(frame.data, head) ?? []) this.take(observation);
  }

  /** Who speaks for the charge point as a whole. */
  get main(): Outlet {
    return this.outlets.get(Math.min(...this.outlets.keys())) ?? this.outlet(1)!;
  }

  private outlet(number: number): Outlet | undefined {
    const known = this.outlets.get(number);
    if (known !== undefined || this.outlets.size >= MOST_OUTLETS || number < 1) return known;
    const outlet = this.o.outlet(number);
    this.outlets.set(number, outlet);
    outlet.plate(this.plate);
    if (this.circuit !== undefined) outlet.connected();
    this.o.follower.found(outlet);
    return outlet;
  }

  /** 0 is the charge point as a whole: what is said of it is of its only outlet, if it has but one. */
  private meant(number: number): Outlet | undefined {
    if (number > 0) return this.outlet(number);
    return this.outlets.size === 1 ? this.main : undefined;
  }

  private take(observation: Observation): void {
    const { kind } = observation;
    if (kind === 'station') this.identified(observation);
    else if (kind === 'status') this.statusOf(observation);
    else if (kind === 'values') this.valuesOf(observation);
    else if (kind === 'detachment') this.o.detachment(this.main, observation.detachment);
    else if (kind === 'session-started') this.began(observation.session);
    else this.ended(observation.session);
  }

  private identified({ vendor, model, serial, firmware }: Plate): void {
    this.plate = {
      ...(vendor !== undefined && { vendor }),
      ...(model !== undefined && { model }),
      ...(serial !== undefined && { serial }),
      ...(firmware !== undefined && { firmware }),
    };
    for (const outlet of this.outlets.values()) outlet.plate(this.plate);
  }

  private statusOf(status: Status): void {
    if (status.t !== undefined) this.o.clock.saw(status.t, this.o.now());
    if (status.outlet === 0) {
      this.wholeIs(status);
      return;
    }
    this.said = status;
    this.meant(status.outlet)?.tellStatus(status);
  }

  /** The whole of it is unavailable or faulted, or it is not: then each outlet is what it said itself. */
  private wholeIs(status: Status): void {
    if (this.outlets.size > 1) this.main.tellFault(status, 'station');
    else if (status.status !== 'available') this.main.tellStatus(status);
    else if (this.isWholeOff)
      this.main.tellStatus({ ...(this.said ?? status), ...(status.t !== undefined && { t: status.t }) });
    this.isWholeOff = status.status !== 'available';
  }

  private valuesOf(values: Extract<Observation, { kind: 'values' }>): void {
    const isPeriodic = !values.isLate && values.context === 'Sample.Periodic';
    if (isPeriodic && values.t !== undefined) this.o.clock.saw(values.t, this.o.now());
    this.meant(values.outlet)?.tellValues(values);
  }

  private began(session: Session, { isTold = false } = {}): void {
    const outlet = this.outlet(session.outlet ?? 1);
    if (isTold && outlet !== undefined) outlet.session = session;
    else outlet?.began(session);
    this.o.follower.transaction(session.outlet ?? 1, session.transactionId);
    if (!isTold) this.keepSessions();
  }

  private ended(session: Session): void {
    const number = session.outlet ?? this.main.number;
    this.outlet(number)?.ended(session);
    this.o.follower.transaction(number, this.outlets.get(number)?.session?.transactionId);
    this.keepSessions();
  }

  private keepSessions(): void {
    this.o.keepSessions(this.observer?.openSessions ?? []);
  }
}
