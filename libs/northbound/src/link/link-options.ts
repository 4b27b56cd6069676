import type { LaneOptions, LaneStatus } from '../lane/lane-options.js';

/** What a link shows to prove itself and to check the other side; PEM texts. */
export interface LinkAccess {
  readonly user?: string;
  readonly password?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** One entry under `links:` of the config (contracts §2). */
export interface LinkOptions {
  /** Principal and `{party}`. */
  readonly name: string;
  /** `mqtt(s)://` or `ws(s)://`, without user and password. */
  readonly url: string;
  readonly role: string;
  /** Stands for the site id in the topics. */
  readonly alias?: string;
  /** Least ms between two `now`; undefined = none are sent. */
  readonly now: number | undefined;
  readonly compress: boolean;
  readonly lane: LaneOptions;
  /** Read anew for each connection, so that a renewed certificate or password is taken up. May throw SmxError. */
  readonly access: () => LinkAccess;
}

/**
 * `connecting`: a try is under way; `online`; `waiting`: for the next try, `code` and `reason` tell why; `ended`: its
 * principal or role is no more and its topics were emptied; `stopped`: not started.
 */
export type LinkState = 'stopped' | 'connecting' | 'online' | 'waiting' | 'ended';

/** State of a link for the page, health and metrics. */
export interface LinkStatus {
  readonly name: string;
  readonly url: string;
  readonly role: string;
  /** It is no longer in the config, and only here until its broker was emptied. */
  readonly former?: true;
  /** Base of its topics. */
  readonly topics: string;
  readonly state: LinkState;
  /** Since when in this state, ms UTC. */
  readonly since: number;
  /** MQTT version that is spoken, where it is on line. */
  readonly protocol?: '5.0' | '3.1.1';
  /** What is wrong: why it is not on line, or what the broker does not take though it is. */
  readonly code?: string;
  /** The same in words, with what to do. */
  readonly reason?: string;
  /** When it is tried again, ms UTC. */
  readonly retryAt?: number;
  /** Connections that came up, and tries that failed, since the start. */
  readonly connects: number;
  readonly failures: number;
  /** Messages handed to the broker, and those it or the link did not take. */
  readonly sent: number;
  readonly dropped: number;
  /** Its streams of the certain lane. */
  readonly streams?: readonly LaneStatus[];
}
