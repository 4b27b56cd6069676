import type { Clock, Disposable, Log, PointValue } from '@smx-edge/model';
import type {
  HistoryAsk,
  InstanceState,
  OpenOptions,
  PointChange,
  PointReading,
  SmxContext,
  StatusState,
} from '../context.js';
import type { Device, DeviceInit } from '../device.js';
import type { ModbusLink, ModbusOptions } from '../modbus/types.js';
import type { MqttLink, MqttOptions } from '../mqtt/types.js';
import type { Duration } from '../point.js';
import type { Line, LineListener } from '../transports/types.js';
import type { WireStart } from '../wire.js';
import { bounded, LINE } from './bounded.js';
import type { Channel } from './channel.js';
import type { Devices } from './devices.js';
import type { Faults } from './faults.js';
import type { Lines } from './lines.js';
import { ms } from './point-init.js';
import type { Reads } from './reads.js';
import { repeat } from './repeat.js';
import type { Requests } from './requests.js';

export interface ContextParts {
  readonly start: WireStart;
  readonly channel: Channel;
  readonly clock: Clock;
  readonly log: Log;
  readonly requests: Requests;
  readonly faults: Faults;
  readonly devices: Devices;
  readonly lines: Lines;
  readonly reads: Reads;
  /** Told on the first device or status: the instance is up. */
  up(): void;
}

/** The box as an extension's `start` gets it. */
export class InstanceContext implements SmxContext {
  readonly config: unknown;
  readonly instance: string;
  readonly site: string;
  readonly timezone: string;
  readonly log: Log;
  readonly state: InstanceState;
  private readonly owned = new Set<Disposable>();
  private readonly stops: (() => void | Promise<void>)[] = [];

  constructor(private readonly parts: ContextParts) {
    const { start, log, requests } = parts;
    this.config = start.config;
    this.instance = start.instance;
    this.site = start.site;
    this.timezone = start.timezone;
    this.log = log;
    this.state = {
      get: async <T>(key: string) => {
        const value = await requests.ask<T | null>((id) => ['state-get', id, key]);
        return value ?? undefined;
      },
      set: async (key, value) => {
        await requests.ask((id) => ['state-set', id, key, value ?? null]);
      },
    };
    // authors take methods off the context (`const { now } = smx`)
    this.now = this.now.bind(this);
    this.open = this.open.bind(this);
    this.listen = this.listen.bind(this);
    this.modbus = this.modbus.bind(this);
    this.mqtt = this.mqtt.bind(this);
  }

  now(): number {
    return this.parts.clock.now();
  }

  device(name: string, init: DeviceInit = {}): Device {
    const device = this.parts.devices.make(name, init);
    this.parts.up();
    return device;
  }

  open(source: string, options?: OpenOptions): Line {
    return this.parts.lines.openLine(source, options);
  }

  listen(source: string, options?: OpenOptions): LineListener {
    return this.parts.lines.listen(source, options);
  }

  modbus(source: string, options?: ModbusOptions): ModbusLink {
    return this.parts.lines.modbus(source, options);
  }

  mqtt(source: string, options?: MqttOptions): MqttLink {
    return this.parts.lines.mqtt(source, options);
  }

  points(filter: string): Promise<PointReading[]> {
    return this.parts.requests.ask((id) => ['points', id, filter]);
  }

  subscribe(filter: string, fn: (changes: readonly PointChange[]) => void | Promise<void>): Disposable {
    return this.own(this.parts.reads.subscribe(filter, fn));
  }

  history(ask: HistoryAsk): ReturnType<SmxContext['history']> {
    return this.parts.reads.history(ask);
  }

  command(point: string, value: PointValue, lease: Duration): Promise<string> {
    return this.parts.requests.ask((id) => ['command', id, point, value, ms(lease)]);
  }

  status(state: StatusState, text?: string, progress?: number): void {
    this.parts.channel.send(['status', state, text === undefined ? null : bounded(text, LINE), progress ?? null]);
    this.parts.up();
  }

  every(interval: Duration, fn: () => void | Promise<void>): Disposable {
    const { clock, faults } = this.parts;
    const length = ms(interval);
    return this.own(repeat(clock, length, () => faults.guard(`every ${interval}`, fn)));
  }

  onStop(fn: () => void | Promise<void>): void {
    this.stops.push(fn);
  }

  /** Ends what was registered: timers and subscriptions, then the author's own, then lines. */
  async dispose(): Promise<void> {
    for (const item of this.owned) item.dispose();
    this.owned.clear();
    for (const fn of this.stops.splice(0).reverse()) await this.parts.faults.guard('onStop', fn);
    await this.parts.faults.guard('close lines', () => this.parts.lines.close());
  }

  private own(item: Disposable): Disposable {
    const entry: Disposable = {
      dispose: () => {
        this.owned.delete(entry);
        item.dispose();
      },
    };
    this.owned.add(entry);
    return entry;
  }
}
