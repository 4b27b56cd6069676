import type { Clock, Disposable, Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { FaultBook, MeterPort, type Fault, type MeterPlaces, type SiteDevice, type Wire } from '../line/index.js';
import { HybridInverter, type InverterOptions } from './hybrid-inverter.js';
import { InverterEnd } from './inverter-end.js';
import { INVERTER_FAULTS, type InverterFault } from './inverter-faults.js';

export interface InverterPortOptions extends Omit<MeterPlaces, 'pty'>, InverterOptions {
  /** Most that it serves at a time; it closes the others. Default all. */
  readonly connections?: number;
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<InverterFault>[];
}

export interface InverterTools {
  readonly house: House;
  readonly clock: Clock;
  readonly log: Log;
}

/** The house's inverter on Modbus TCP. */
export class InverterPort extends MeterPort<InverterFault, InverterEnd> implements SiteDevice {
  private readonly inverter: HybridInverter;
  private readonly clock: Clock;
  private readonly faults: FaultBook<InverterFault>;
  private back: Disposable | undefined;

  private constructor(
    private readonly options: InverterPortOptions,
    { house, clock, log }: InverterTools,
  ) {
    const faults = new FaultBook(options.seed ?? 1, INVERTER_FAULTS);
    super(options, { log, faults, rules: INVERTER_FAULTS });
    this.faults = faults;
    this.clock = clock;
    this.inverter = new HybridInverter(options, house, clock);
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: InverterPortOptions, tools: InverterTools): Promise<InverterPort> {
    const port = new InverterPort(options, tools);
    await port.start(options);
    return port;
  }

  get source(): string {
    const { host, port } = this.address;
    return `modbus://${host}:${port}`;
  }

  /** Begins a fault; a restart is made at once and not kept. Throws SMX_SIMULATOR_SETPOINT. */
  override setFault(fault: Fault<InverterFault>): void {
    super.setFault(fault);
    if (fault.kind !== 'restart') return;
    const ms = this.faults.by('restart');
    this.clearFault('restart');
    this.fail(ms);
  }

  override async close(): Promise<void> {
    this.back?.dispose();
    this.inverter.controls.stop();
    await super.close();
  }

  protected override endOf(wire: Wire): InverterEnd {
    if (this.clients >= (this.options.connections ?? Infinity)) wire.hangUp();
    return new InverterEnd({
      ...{ wire, inverter: this.inverter, faults: this.faults, clock: this.clock },
      fail: (ms) => this.fail(ms),
    });
  }

  /** Its electronics are without power for so many ms, and forget what was written to them. */
  private fail(ms: number): void {
    if (this.isOff) return;
    this.isOff = true;
    this.inverter.controls.reset();
    this.back = this.clock.after(ms, () => (this.isOff = false));
    this.dropAll();
  }
}
