import type { Clock, Disposable, Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { FaultBook, type Fault, type FaultRules, type SiteDevice } from '../line/index.js';
import { BrokerClient, type BrokerOptions, type BrokerUse } from './broker-client.js';

export interface MqttDeviceOptions<K extends string> extends BrokerOptions {
  /** Seed of its faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<K>[];
}

export interface MqttTools {
  readonly house: House;
  readonly clock: Clock;
  readonly log: Log;
}

/** A device of the site that is a client of a broker, with faults on demand. */
export abstract class MqttDevice<K extends string> implements SiteDevice {
  protected readonly faults: FaultBook<K>;
  private client: BrokerClient | undefined;
  private back: Disposable | undefined;
  /** It is being restarted. */
  protected isOff = false;

  protected constructor(
    private readonly options: MqttDeviceOptions<K>,
    protected readonly tools: MqttTools,
    readonly faultRules: FaultRules<K>,
  ) {
    this.faults = new FaultBook(options.seed ?? 1, faultRules);
  }

  get source(): string {
    return this.options.broker;
  }

  get activeFaults(): Fault<K>[] {
    return this.faults.list;
  }

  /** Whether it runs, and has its broker. */
  protected get isUp(): boolean {
    return !this.isOff && this.client?.isConnected === true;
  }

  /** Begins a fault; a restart is made at once and not kept. Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault<K>): void {
    this.faults.set(fault);
    if (fault.kind !== 'restart') return;
    const ms = this.faults.by(fault.kind);
    this.faults.clear(fault.kind);
    this.goes();
    this.isOff = true;
    this.back?.dispose();
    this.back = this.tools.clock.after(ms, () => {
      this.isOff = false;
      this.comes();
    });
  }

  clearFault(kind?: K): void {
    this.faults.clear(kind);
  }

  async close(): Promise<void> {
    this.back?.dispose();
    this.goes();
    await this.client?.close();
  }

  /** Each second of the house. */
  abstract tick(): void;

  /** Begins the faults of the config, and goes to the broker. Resolves before it is there. Rejects SMX_SIMULATOR_SETPOINT. */
  protected async begin(use: Omit<BrokerUse, 'log'>): Promise<void> {
    for (const fault of this.options.faults ?? []) this.setFault(fault);
    this.client = await BrokerClient.open(this.options, { ...use, log: this.tools.log });
  }

  /** It stops, with a farewell if it has one, and forgets what it does not keep. */
  protected goes(): void {
    // most say nothing
  }

  /** It is there again after a restart. */
  protected comes(): void {
    // most say nothing
  }

  protected publish(topic: string, payload: string, how?: { qos?: 0 | 1; retain?: boolean }): void {
    this.client?.publish(topic, payload, how);
  }

  protected cut(): void {
    this.client?.cut();
  }
}
