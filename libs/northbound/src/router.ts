import type { PublishPacket, Subscription } from 'aedes';
import { describeError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { DeviceShelf, type DeviceMessage } from './device-shelf.js';
import type { PartyGate } from './doors.js';
import { DownDesk, type DownHandler } from './down-desk.js';
import type { Lanes } from './lane/lanes.js';
import type { BrokerLimits } from './limits.js';
import type { Party } from './party.js';
import type { Outgoing, Session } from './session.js';
import { isReservedTopic, type DownKind } from './topics.js';

/** Counts for the state page and metrics. */
export interface RouteCounts {
  /** Publishes and subscriptions refused by the gate. */
  denied: number;
  /** Messages not passed on: QoS 2, oversize, or a reader too far behind. */
  dropped: number;
}

/** Decides where a message of a client goes, and is the only way from one client to another. */
export class Router {
  readonly counts: RouteCounts = { denied: 0, dropped: 0 };
  private readonly shelf = new DeviceShelf();
  private readonly desk: DownDesk<Party>;
  private readonly listeners = new Set<(message: DeviceMessage) => void>();

  constructor(
    private readonly o: {
      readonly gate: PartyGate;
      readonly clock: Clock;
      readonly log: Log;
      readonly limits: BrokerLimits;
      readonly parties: () => Iterable<Party>;
      readonly end: (session: Session, why: string) => void;
      readonly lanes?: Lanes;
    },
  ) {
    this.desk = new DownDesk({
      clock: o.clock,
      send: (party, rest, payload) =>
        this.give(this.present(party), { topic: party.tree.topic(rest), payload, qos: 1, retain: false }),
      onFault: (error, { kind, principal }) =>
        o.log.error('handler of a down topic failed', { kind, party: principal, error: describeError(error) }),
      onMalformed: (party, { kind, stream }) => {
        if (kind === 'ack') o.lanes?.refuse(party.name, stream);
      },
    });
    this.desk.handle('ack', (message) => o.lanes?.take(message));
    if (o.lanes !== undefined) this.desk.handle('req', (message) => o.lanes?.answer(message));
  }

  handle(kind: DownKind, handler: DownHandler): Disposable {
    return this.desk.handle(kind, handler);
  }

  onDeviceMessage(listener: (message: DeviceMessage) => void): Disposable {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /** Takes a PUBLISH, or the will of a client that was lost. */
  publish(party: Party, session: Session, packet: PublishPacket): void {
    if (session.ended) return;
    const { topic } = packet;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    if (packet.qos === 2) {
      this.drop('QoS 2', party);
      return;
    }
    const down = party.tree.down(topic);
    if (down !== undefined) {
      if (payload.length > this.o.limits.down) {
        this.drop('oversize', party);
        return;
      }
      this.give(party, { topic, payload, qos: packet.qos, retain: false });
      this.desk.take(party, { topic: down, payload });
      return;
    }
    if (isReservedTopic(topic) || !party.view.mqttPublish(topic)) {
      this.deny(party, 'publish', topic);
      return;
    }
    this.device(
      { principal: party.name, topic, payload, retain: packet.retain, received: this.o.clock.now() },
      packet.qos,
    );
  }

  /** Whether a SUBSCRIBE may stand; what it may match besides is filtered at each delivery. */
  maySubscribe(party: Party, session: Session, { topic, qos }: Subscription): boolean {
    if (session.ended) return false;
    if (session.filters.size >= this.o.limits.subscriptions && !session.filters.has(topic)) {
      this.drop('too many subscriptions', party);
      return false;
    }
    if (party.tree.meets(topic) || (!isReservedTopic(topic) && party.view.mqttSubscribe(topic))) {
      session.reserve(topic, Math.min(qos, 1));
      return true;
    }
    this.deny(party, 'subscribe', topic);
    return false;
  }

  /** Whether `topic` may reach the client now. */
  mayReceive(party: Party, session: Session, topic: string): boolean {
    if (session.ended) return false;
    return party.tree.holds(topic) || (!isReservedTopic(topic) && party.view.mqttSubscribe(topic));
  }

  /** Gives a new subscription what devices left. */
  unshelve(party: Party, session: Session, filters: readonly string[]): void {
    const found = new Map<string, DeviceMessage>();
    for (const filter of filters) for (const message of this.shelf.matching(filter)) found.set(message.topic, message);
    for (const { topic, payload } of found.values())
      if (this.mayReceive(party, session, topic)) this.send(session, { topic, payload, qos: 1, retain: true });
  }

  /** Empties what a principal left on the shelf; for one that ends. */
  clear(principal: string): void {
    for (const topic of this.shelf.clear(principal))
      this.spread({ topic, payload: Buffer.alloc(0), qos: 1, retain: false });
  }

  private device(message: DeviceMessage, qos: 0 | 1): void {
    const { topic, payload } = message;
    if (message.retain && !this.shelf.put(message))
      this.o.log.warn('retained messages of devices are at their bound; one was not kept', { topic });
    this.spread({ topic, payload, qos, retain: false });
    for (const listener of this.listeners) {
      try {
        listener(message);
      } catch (error) {
        this.o.log.error('listener of device messages failed', { topic, error: describeError(error) });
      }
    }
  }

  private spread(message: Outgoing): void {
    for (const party of this.o.parties()) if (party.view.mqttSubscribe(message.topic)) this.give(party, message);
  }

  /** A party that was away while its answer was made is another object, with other clients. */
  private present(party: Party): Party {
    for (const one of this.o.parties()) if (one.name === party.name) return one;
    return party;
  }

  /** Sends to every client of a party that asked for the topic. */
  give(party: Party, message: Outgoing): void {
    for (const session of [...party.sessions]) this.send(session, message);
  }

  private send(session: Session, message: Outgoing): void {
    if (session.deliver(message)) return;
    this.counts.dropped++;
    // a message it was promised cannot wait for ever: better a client that reconnects than one with a hole
    if (Math.min(message.qos, session.qosOf(message.topic)) === 1) this.o.end(session, 'reads too slowly');
  }

  private drop(why: string, party: Party): void {
    this.counts.dropped++;
    this.o.log.debug('message of a client dropped', { party: party.name, why });
  }

  private deny(party: Party, what: string, topic: string): void {
    this.counts.denied++;
    this.o.gate.deny(party.name, `mqtt/${what}`);
    this.o.log.debug('denied', { party: party.name, what, topic });
  }
}
