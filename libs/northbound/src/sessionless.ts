import { Readable } from 'node:stream';

/**
 * Persistence of the MQTT engine for clean sessions only: there is nothing to keep but the ids of QoS 2 publishes in
 * handshake. Retained messages are made by the parties at the moment of subscription, so none can be stale.
 */
export class Sessionless {
  private readonly handshakes = new WeakMap<object, Set<number>>();

  async setup(): Promise<void> {}

  async storeRetained(): Promise<void> {}

  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }

  async subscriptionsByTopic(): Promise<never[]> {
    return [];
  }

  async subscriptionsByClient(): Promise<never[]> {
    return [];
  }

  async addSubscriptions(): Promise<void> {}

  async removeSubscriptions(): Promise<void> {}

  async cleanSubscriptions(): Promise<void> {}

  async outgoingEnqueue(): Promise<void> {}

  async outgoingEnqueueCombi(): Promise<void> {}

  async outgoingUpdate(): Promise<void> {}

  async outgoingClearMessageId(): Promise<void> {}

  outgoingStream(): Readable {
    return Readable.from([]);
  }

  async incomingStorePacket(client: object, packet: { messageId: number }): Promise<void> {
    let ids = this.handshakes.get(client);
    if (ids === undefined) this.handshakes.set(client, (ids = new Set()));
    ids.add(packet.messageId);
  }

  /** Rejects where the id is new: that is how the engine tells a first publish from a repeated one. */
  async incomingGetPacket(client: object, packet: { messageId: number }): Promise<object> {
    if (this.handshakes.get(client)?.has(packet.messageId) === true) return packet;
    return Promise.reject(new RangeError('no such packet'));
  }

  async incomingDelPacket(client: object, packet: { messageId: number }): Promise<void> {
    if (this.handshakes.get(client)?.delete(packet.messageId) !== true)
      return Promise.reject(new RangeError('no such packet'));
  }

  async cleanIncoming(client: object): Promise<void> {
    this.handshakes.delete(client);
  }

  async putWill(): Promise<void> {}

  async delWill(): Promise<void> {}

  streamWill(): Readable {
    return Readable.from([]);
  }
}

/**
 * Message bus of the MQTT engine that carries nothing: messages go from client to client only by the router, so no
 * slip of the engine can leak one, and a slow reader cannot hold another client up.
 */
export const silentBus = {
  on(_topic: string, _fn: unknown, done?: () => void): void {
    if (done) setImmediate(done);
  },
  removeListener(_topic: string, _fn: unknown, done?: () => void): void {
    if (done) setImmediate(done);
  },
  emit(_packet: unknown, done?: () => void): void {
    if (done) setImmediate(done);
  },
  close(done?: () => void): void {
    if (done) setImmediate(done);
  },
};
