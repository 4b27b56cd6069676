import type {
  Aggregate,
  Disposable,
  HistoryRow,
  Log,
  PointKind,
  PointType,
  PointValue,
  Quality,
} from '@smx-edge/model';
import type { Device, DeviceInit } from './device.js';
import type { ModbusLink, ModbusOptions } from './modbus/types.js';
import type { MqttLink, MqttOptions } from './mqtt/types.js';
import type { Duration } from './point.js';
import type { Line, LineListener, LineTls } from './transports/types.js';

/** How the instance fares, in its own words; the process state is the host's. */
export type StatusState = 'ok' | 'busy' | 'warning' | 'error';

/** A point that this instance may read, in the form its grant gives. */
export interface PointReading {
  readonly path: string;
  readonly unit: string | null;
  readonly kind: PointKind;
  readonly type: PointType;
  readonly obis?: string;
  readonly value: PointValue;
  /** ms UTC; 0 = never had a value. */
  readonly t: number;
  readonly quality: Quality;
}

export interface PointChange {
  readonly path: string;
  readonly value: PointValue;
  readonly t: number;
  readonly quality: Quality;
}

export interface HistoryAsk {
  readonly match: string;
  /** from < t <= to, ms UTC. */
  readonly from: number;
  readonly to: number;
  readonly every?: Duration;
  readonly as?: Aggregate;
}

/** Durable key-value state of the instance: resolves after fsync, atomic per key. Values are JSON. */
export interface InstanceState {
  /** Undefined where the key was never set. */
  get<T>(key: string): Promise<T | undefined>;
  /** Rejects SMX_EXTENSION_LIMIT past the instance's `state` limit; undefined or null deletes the key. */
  set(key: string, value: unknown): Promise<void>;
}

/** What a recording of a line (`smx record`) may take. */
export interface RecordingLimits {
  /** Bytes a second, at most 512 KiB; default 64 KiB. */
  readonly rate?: number;
  /** Bytes in all; 0: the line may not be recorded. Default without end. */
  readonly max?: number;
  /** What to do where that is too little, for people. */
  readonly hint?: string;
}

/** How a line is opened; the defaults are those of the transports. */
export interface OpenOptions {
  /** Silence after which the connection is made anew; 0 = never; default 30 s. */
  readonly idle?: Duration;
  /** Peers of a listener at one time; default 16. */
  readonly peers?: number;
  /** Of a `udp://` source: the address is the device's, which is asked; default false: the address at which is listened. */
  readonly remote?: boolean;
  readonly tls?: LineTls;
  readonly recording?: RecordingLimits;
}

/** What `test` and `discover` get: lines, time and a log, but no points. */
export interface Tools {
  /** ms UTC; virtual in tests. */
  now(): number;
  readonly log: Log;
  /** Opens a line to a device: reconnects for ever, counts, can be recorded. Throws SMX_TRANSPORT_SOURCE. */
  open(source: string, options?: OpenOptions): Line;
  /** Waits for peers; each gives a line, also each sender of datagrams to a `udp://` source. */
  listen(source: string, options?: OpenOptions): LineListener;
  /**
   * The Modbus link of `modbus://host:port` or `modbus+rtu:/dev/…`: one for each source of an instance, whoever asks for it, with
   * the options of the first. Throws SMX_TRANSPORT_SOURCE; SMX_NOT_AVAILABLE in a replay.
   */
  modbus(source: string, options?: ModbusOptions): ModbusLink;
  /**
   * A client of the broker `mqtt://user:password@host:port` or `mqtts://…`; it connects at once. Throws SMX_TRANSPORT_SOURCE;
   * SMX_NOT_AVAILABLE in a replay.
   */
  mqtt(source: string, options?: MqttOptions): MqttLink;
}

/** The box as an instance sees it. Everything registered here is disposed at stop. */
export interface SmxContext<Config = unknown> extends Tools {
  readonly config: Config;
  /** Name of this instance: its key under `extensions:`. */
  readonly instance: string;
  readonly site: string;
  /** IANA zone of the site, for months, days and meters that print local time. */
  readonly timezone: string;
  device(name: string, init?: DeviceInit): Device;
  readonly state: InstanceState;
  /** Points granted to this instance (`permissions.read`). */
  points(filter: string): Promise<PointReading[]>;
  /** Calls `fn` with the present values, then with each change. */
  subscribe(filter: string, fn: (changes: readonly PointChange[]) => void | Promise<void>): Disposable;
  /** Rows in chunks, per point in order of time. Rejects SMX_ACCESS_TOO_FINE, SMX_ACCESS_DENIED. */
  history(ask: HistoryAsk): AsyncIterable<{ readonly path: string; readonly rows: readonly HistoryRow[] }>;
  /**
   * Commands a set-point granted to this instance (`permissions.command`), as a local agent. Resolves to the outcome once
   * the device has shown it: `verified`, `clamped`, `ignored`, `unverified`, or `expired` where a stronger command held
   * the point for the whole lease. Rejects with the code of a refusal.
   */
  command(point: string, value: PointValue, lease: Duration): Promise<string>;
  /** Progress is 0 … 1. */
  status(state: StatusState, text?: string, progress?: number): void;
  /** Runs `fn` each interval; a run that is still going is not overtaken. */
  every(interval: Duration, fn: () => void | Promise<void>): Disposable;
  onStop(fn: () => void | Promise<void>): void;
}
