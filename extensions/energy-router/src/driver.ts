import type { Mode } from './model/modes.js';

/** What a router tells of one path, in the unit and the sign of the box. A set-point's path tells the value the router shows for it. */
export interface Told {
  readonly path: string;
  /** Null with a `reason`. */
  readonly value: number | string | null;
  /** Of the router's clock, ms UTC. */
  readonly t?: number;
  readonly reason?: string;
}

/** A command that somebody else gave the router. */
export interface ForeignCommand {
  /** Who, as far as the wire shows it. */
  readonly writer: string;
  /** Path of the set-point. */
  readonly path: string;
  readonly value: number | string;
}

export interface DriverState {
  /** What is written would reach the router, or its broker. */
  readonly isOpen: boolean;
  /** The router is there, and tells. */
  readonly isUp: boolean;
  /** What is wrong, and what to do; also of one that is up. */
  readonly text?: string;
}

/** Bounds of a set-point, in the unit and the sign of the box. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What of the canonical model a driver can do with its router. */
export interface Capabilities {
  /** Paths of measures. */
  readonly measures: readonly string[];
  /** Set-points by path; `undefined` for the mode, which has no bounds. */
  readonly setpoints: ReadonlyMap<string, Bounds | undefined>;
  /** Paths of set-points that the router may show. */
  readonly shown: ReadonlySet<string>;
  readonly modes: readonly Mode[];
}

/** Whom a driver tells. */
export interface DriverSink {
  tell(told: readonly Told[]): void;
  foreign(command: ForeignCommand): void;
}

/** One wire to a router. */
export interface RouterDriver {
  readonly capabilities: Capabilities;
  /** How it fares now. */
  readonly state: DriverState;
  /** Begins to tell; connects by itself, again and again. */
  connect(sink: DriverSink): void;
  /**
   * Resolves once the router, or its broker, has the value: that it follows is for its measures to show. A number is in the unit and
   * sign of the box, a mode its name. Rejects with SMX_TRANSPORT_…, SMX_MODBUS_… or SMX_ROUTER_….
   */
  write(path: string, value: number | string): Promise<void>;
}
