import { SmxError, type Log } from '@smx-edge/model';
import type { House } from '../house/index.js';
import { Pty, type Address } from '../line/index.js';
import { LineFaults, type Fault } from './line-faults.js';
import { LineServer } from './line-server.js';
import { houseTelegram } from './telegram.js';
import { telegramInterval, type P1Version } from './versions.js';

export interface P1PortOptions {
  readonly version: P1Version;
  /** Where it serves on TCP. Port 0 = any free one. */
  readonly address: Address;
  /** Path of a pseudo-terminal that gives the same bytes; needs socat. */
  readonly pty?: string;
  /** AES-128 key under which telegrams are encrypted. */
  readonly key?: Uint8Array;
  readonly serial?: string;
  readonly gasSerial?: string;
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  readonly log: Log;
}

const WITHOUT_CRC: readonly P1Version[] = ['dsmr-2.2', 'dsmr-3.0'];

/** A P1 port of the house on TCP and, if asked, on a pseudo-terminal, with faults on demand. */
export class P1Port {
  /** ms between telegrams. */
  readonly interval: number;
  private readonly faults: LineFaults;
  private readonly server: LineServer;
  private pty: Pty | undefined;
  private bound: Address;

  private constructor(private readonly o: P1PortOptions) {
    this.interval = telegramInterval(o.version);
    this.faults = new LineFaults(o.seed ?? 1);
    this.server = new LineServer(o.log);
    this.bound = o.address;
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: P1PortOptions): Promise<P1Port> {
    const port = new P1Port(options);
    for (const fault of options.faults ?? []) port.setFault(fault);
    port.bound = await port.server.listen(options.address);
    try {
      if (options.pty !== undefined) port.pty = await Pty.open(options.pty, { log: options.log });
    } catch (error) {
      await port.close();
      throw error;
    }
    return port;
  }

  get address(): Address {
    return this.bound;
  }

  get ptyPath(): string | undefined {
    return this.pty?.path;
  }

  get version(): P1Version {
    return this.o.version;
  }

  /** TCP clients connected now. */
  get clients(): number {
    return this.server.size;
  }

  get activeFaults(): Fault[] {
    return this.faults.list;
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault): void {
    if (fault.kind === 'crc' && WITHOUT_CRC.includes(this.o.version) && this.o.key === undefined)
      throw new SmxError('SMX_SIMULATOR_SETPOINT', `A meter of ${this.o.version} sends no CRC that could be wrong`);
    this.faults.set(fault);
  }

  clearFault(kind?: Fault['kind']): void {
    this.faults.clear(kind);
  }

  /** Sends the house as it is now. */
  send(house: House): void {
    const { version, key, serial = '1SAG1100000292', gasSerial = '7FLO2120030045' } = this.o;
    const { clock } = this.faults;
    const telegram = houseTelegram(house, { version, serial, gasSerial, clock, ...(key !== undefined && { key }) });
    const bytes = this.faults.apply(telegram);
    if (bytes === null) return;
    this.server.send(bytes);
    this.pty?.send(bytes);
  }

  async close(): Promise<void> {
    await this.pty?.close();
    if (this.server.listening) await this.server.close();
  }
}
