import { Alarms, GuardedCounters, type SmxContext } from '@smx-edge/extension-api';
import { describeError } from '@smx-edge/model';
import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { Circuit, CircuitListener } from '../relay/circuit.js';
import type { Handshake, LinkEnd, WireFrame } from '../relay/wire.js';
import { Backlog } from './backlog.js';
import { Detachments } from './detachments.js';
import type { StationFollower } from './follower.js';
import { StationMemory } from './memory.js';
import { Outlet } from './outlet.js';
import { OutletNames, placeOf, type GivenNames } from './outlet-names.js';
import { FIRST_INTERVAL } from './rhythm.js';
import { StationClock } from './station-clock.js';
import { Station } from './station.js';

type Box = Pick<SmxContext, 'device' | 'state' | 'log' | 'now' | 'every' | 'onStop'>;

export interface StationsOptions {
  readonly smx: Box;
  /** Of the charge points that the config names. */
  readonly given: ReadonlyMap<string, GivenNames>;
  /** Whether others than those of the config are admitted. */
  readonly isOpen: boolean;
  readonly memory: StationMemory;
  /** Who limits a charge point. */
  followerOf(identity: string, clock: StationClock): StationFollower;
}

/** More are not kept apart. */
const MOST_STATIONS = 1000;

/** All charge points, as they show themselves in what is relayed. */
export class Stations implements CircuitListener, Iterable<Station> {
  readonly isQuick = true;
  private readonly byIdentity = new Map<string, Station>();
  private readonly backlog: Backlog;
  private readonly detachments: Detachments;

  private constructor(
    private readonly o: StationsOptions,
    private readonly names: OutletNames,
    private readonly kept: { readonly alarms: Alarms; readonly counters: GuardedCounters },
  ) {
    this.backlog = new Backlog((error) =>
      o.smx.log.error('what a charge point said could not be looked into', { error: describeError(error) }),
    );
    this.detachments = new Detachments(kept.alarms);
    for (const identity of names.identities) if (o.isOpen || o.given.has(identity)) this.of(identity);
  }

  static async load(options: StationsOptions): Promise<Stations> {
    const { smx, given, memory } = options;
    const alarms = await Alarms.load(smx.state, smx.log);
    const counters = await GuardedCounters.load(smx, (counter, { change, from, to }) =>
      smx.log.warn('the register of a charge point went on from another number', { counter, change, from, to }),
    );
    return new Stations(options, new OutletNames(given, memory.names), { alarms, counters });
  }

  [Symbol.iterator](): Iterator<Station> {
    return this.byIdentity.values();
  }

  get(identity: string): Station | undefined {
    return this.byIdentity.get(identity);
  }

  opened(circuit: Circuit): void {
    this.backlog.always(() => this.at(circuit)?.opened(circuit));
  }

  closed(circuit: Circuit, end: LinkEnd): void {
    this.backlog.always(() => this.at(circuit)?.closed(circuit, end));
  }

  farSideGone(circuit: Circuit, end: LinkEnd): void {
    this.backlog.always(() => this.at(circuit)?.backEndGone(end));
  }

  farSideCame(circuit: Circuit): void {
    this.backlog.always(() => this.at(circuit)?.backEndCame());
  }

  refused({ identity }: Handshake, status: number, text: string): void {
    // whoever is not known yet is no charge point
    this.backlog.always(() => this.get(identity)?.turnedAway(status, text));
  }

  fromChargePoint(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    const station = this.at(circuit);
    if (station === undefined) return;
    station.counts.fromChargePoint += 1;
    const weight = station.sieve.fromChargePoint(head);
    if (weight === 'nothing') station.counts.observed += 1;
    else if (!this.backlog.frame(weight, frame.data.length, () => station.fromChargePoint(circuit, frame, head)))
      station.counts.dropped += 1;
  }

  fromFarSide(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    const station = this.at(circuit);
    if (station === undefined) return;
    station.counts.fromBackEnd += 1;
    const weight = station.sieve.fromBackEnd(head);
    if (weight === 'nothing') station.counts.observed += 1;
    else if (!this.backlog.frame(weight, frame.data.length, () => station.fromBackEnd(circuit, frame, head)))
      station.counts.dropped += 1;
  }

  private at({ handshake }: Circuit): Station | undefined {
    return this.of(handshake.identity);
  }

  private of(identity: string): Station | undefined {
    const known = this.byIdentity.get(identity);
    if (known !== undefined || this.byIdentity.size >= MOST_STATIONS) return known;
    const { memory, smx } = this.o;
    const { alarms } = this.kept;
    const clock = new StationClock();
    const station = new Station({
      identity,
      clock,
      follower: this.o.followerOf(identity, clock),
      known: this.names.known(identity),
      outlet: (number) => this.outlet(identity, number, clock),
      detachment: ({ device }, detachment) => this.detachments.tell(device, detachment),
      returned: ({ device }) => this.detachments.over(device),
      backEndAway: ({ device }, why) =>
        alarms.set({ device }, 'back-end-away', why === undefined ? undefined : { text: `The back end of ${identity} is away: ${why}` }), // prettier-ignore
      sessionsOf: () => memory.sessionsOf(identity),
      keepSessions: (sessions) => memory.keepSessions(identity, sessions),
      now: () => smx.now(),
    });
    this.byIdentity.set(identity, station);
    return station;
  }

  private outlet(identity: string, number: number, clock: StationClock): Outlet {
    const { smx, memory } = this.o;
    const device = smx.device(this.names.nameOf(identity, number), { kind: 'evse', interval: FIRST_INTERVAL });
    memory.keepNames(this.names.names);
    return new Outlet({
      ...{ number, device, clock, smx, ...this.kept },
      place: placeOf(identity, number),
      tagKey: memory.tagKey,
    });
  }
}
