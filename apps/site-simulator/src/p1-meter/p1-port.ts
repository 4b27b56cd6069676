import { SmxError, type Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { MeterPort, type Fault, type MeterPlaces, type WireEnd } from '../line/index.js';
import { LineFaults, P1_FAULTS, type P1Fault } from './line-faults.js';
import { houseTelegram } from './telegram.js';
import { telegramInterval, type P1Version } from './versions.js';

export interface P1PortOptions extends MeterPlaces {
  readonly version: P1Version;
  /** AES-128 key under which telegrams are encrypted. */
  readonly key?: Uint8Array;
  readonly serial?: string;
  readonly gasSerial?: string;
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<P1Fault>[];
  readonly log: Log;
}

const WITHOUT_CRC: readonly P1Version[] = ['dsmr-2.2', 'dsmr-3.0'];
/** A P1 port listens to nobody. */
const DEAF: WireEnd = { bytes: 0, receive: () => {}, drop: () => {} };

/** A P1 port of the house: the same telegrams for all who read. */
export class P1Port extends MeterPort<P1Fault> {
  /** ms between telegrams. */
  readonly interval: number;

  private constructor(
    private readonly o: P1PortOptions,
    private readonly line: LineFaults,
  ) {
    super(o, { log: o.log, faults: line, rules: P1_FAULTS });
    this.interval = telegramInterval(o.version);
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: P1PortOptions): Promise<P1Port> {
    const port = new P1Port(options, new LineFaults(options.seed ?? 1));
    await port.start({ faults: options.faults, isOneWay: true });
    return port;
  }

  get version(): P1Version {
    return this.o.version;
  }

  override setFault(fault: Fault<P1Fault>): void {
    if (fault.kind === 'crc' && WITHOUT_CRC.includes(this.o.version) && this.o.key === undefined)
      throw new SmxError('SMX_SIMULATOR_SETPOINT', `A meter of ${this.o.version} sends no CRC that could be wrong`);
    super.setFault(fault);
  }

  /** Sends the house as it is now. */
  send(house: House): void {
    const { version, key, serial = '1SAG1100000292', gasSerial = '7FLO2120030045' } = this.o;
    const clock = this.line.by('clock');
    const telegram = houseTelegram(house, { version, serial, gasSerial, clock, ...(key !== undefined && { key }) });
    const bytes = this.line.apply(telegram);
    if (bytes !== null) this.broadcast(bytes);
  }

  protected override endOf(): WireEnd {
    return DEAF;
  }
}
