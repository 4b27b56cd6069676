/** Bounds of the local broker; each protects the box from a client, never a client from itself. */
export interface BrokerLimits {
  /** Clients logged in at once. */
  readonly clients: number;
  /** Clients of one principal at once. */
  readonly perPrincipal: number;
  /** Sockets that have not logged in yet; past it the oldest of them is dropped. */
  readonly waiting: number;
  /** ms a socket may take to send its CONNECT. */
  readonly connectTimeout: number;
  /** Largest packet of a client, bytes; a larger one ends the connection. */
  readonly packet: number;
  /** Largest payload on a down topic, bytes; a larger one is dropped. */
  readonly down: number;
  readonly subscriptions: number;
  /** Unsent bytes of one client past which messages it cannot miss end it, and others are dropped. */
  readonly backlog: number;
  /** ms after which a client that takes nothing off its socket is dropped. */
  readonly drainTimeout: number;
  /** Packets a client may send per second, and at once. Past it its socket is read slower. */
  readonly packetRate: number;
  readonly packetBurst: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  clients: 100,
  perPrincipal: 16,
  waiting: 64,
  connectTimeout: 5000,
  packet: 256 * 1024,
  down: 64 * 1024,
  subscriptions: 100,
  backlog: 512 * 1024,
  drainTimeout: 30_000,
  packetRate: 500,
  packetBurst: 2000,
};
