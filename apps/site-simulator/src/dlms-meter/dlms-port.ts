import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Disposable, Log } from '@smx-edge/model';
import { listen, Pty, type Address } from '../line/index.js';
import { familyOf, type Family } from './family.js';
import { LineEnd } from './line-end.js';
import { DlmsFaults, type DlmsFault, type DlmsFaultKind } from './line-faults.js';
import { logicalDevice, type DeviceOptions, type LogicalDevice } from './logical-device.js';
import type { MeterMemory } from './memory.js';
import type { MeterSource } from './source.js';

export interface DlmsPortOptions extends DeviceOptions {
  /** `mode-e`: HDLC behind the sign-on of an optical head. `wrapper`: the network. */
  readonly transport: 'hdlc' | 'mode-e' | 'wrapper';
  /** Where it serves on TCP: as a serial device server, or as the meter itself. Port 0 = any free one. */
  readonly address: Address;
  /** Path of a pseudo-terminal on the same line; needs socat. */
  readonly pty?: string;
  /** Baud of the line; absent = as fast as it goes. */
  readonly baud?: number;
  readonly devices: readonly LogicalDevice[];
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly DlmsFault[];
}

export interface DlmsPortTools {
  readonly source: MeterSource;
  readonly clock: Clock;
  readonly log: Log;
}

const OPTICAL_BAUD = 9600;

/** The house's DLMS meter, or several, on TCP and, if asked, on a pseudo-terminal, with faults on demand. */
export class DlmsPort {
  private readonly family: Family;
  private readonly faults: DlmsFaults;
  private readonly framing: 'hdlc' | 'wrapper';
  private readonly server: Server;
  private readonly links = new Map<Socket, LineEnd>();
  private serial: { readonly pty: Pty; readonly end: LineEnd } | undefined;
  private bound: Address;
  private off: Disposable | undefined;
  private heldUntil = 0;
  private gone = 0;

  private constructor(
    private readonly o: DlmsPortOptions,
    private readonly tools: DlmsPortTools,
  ) {
    this.family = familyOf(o.referencing);
    this.framing = o.transport === 'wrapper' ? 'wrapper' : 'hdlc';
    this.faults = new DlmsFaults(o.seed ?? 1, this.framing);
    this.server = createServer((socket) => this.accept(socket));
    this.server.on('error', (error) => tools.log.error('meter server', { error: error.message }));
    this.bound = o.address;
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: DlmsPortOptions, tools: DlmsPortTools): Promise<DlmsPort> {
    const port = new DlmsPort(options, tools);
    for (const fault of options.faults ?? []) port.setFault(fault);
    port.bound = await listen(port.server, options.address);
    try {
      if (options.pty !== undefined) await port.openPty(options.pty);
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
    return this.o.pty;
  }

  /** Readers connected over TCP now. */
  get clients(): number {
    return this.links.size;
  }

  get activeFaults(): DlmsFault[] {
    return this.faults.list;
  }

  /** What the meter keeps by itself. */
  get memory(): MeterMemory {
    return this.tools.source.memory;
  }

  /** Bytes that went over its lines, both ways. */
  get bytes(): number {
    const ends = [...this.links.values(), ...(this.serial === undefined ? [] : [this.serial.end])];
    return ends.reduce((sum, end) => sum + end.bytes, this.gone);
  }

  /** Begins a fault; a restart is made at once and not kept. Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: DlmsFault): void {
    this.faults.set(fault);
    if (fault.kind !== 'restart') return;
    const ms = this.faults.by('restart');
    this.faults.clear('restart');
    this.fail(ms);
  }

  clearFault(kind?: DlmsFaultKind): void {
    this.faults.clear(kind);
  }

  /** As a cable that is pulled and put in again: the meter may not notice. */
  cut(): void {
    for (const socket of this.links.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    this.off?.dispose();
    this.cut();
    this.serial?.end.drop();
    await this.serial?.pty.close();
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async openPty(path: string): Promise<void> {
    const end = this.lineEnd({ send: (bytes) => this.serial?.pty.send(bytes), hangUp: () => end.drop() });
    const onData = (chunk: Uint8Array): void => {
      if (this.off === undefined) end.receive(chunk);
    };
    this.serial = { pty: await Pty.open(path, { log: this.tools.log, onData }), end };
  }

  private accept(socket: Socket): void {
    socket.on('error', (error) => this.tools.log.debug('reader', { error: error.message }));
    if (this.off !== undefined) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const end = this.lineEnd({ send: (bytes) => socket.write(bytes), hangUp: () => socket.destroy() });
    this.links.set(socket, end);
    socket.on('data', (chunk) => end.receive(chunk));
    socket.on('close', () => this.left(socket, end));
  }

  private left(socket: Socket, end: LineEnd): void {
    this.links.delete(socket);
    this.gone += end.bytes;
    if (end.isAssociated && this.faults.has('held') && this.off === undefined)
      this.heldUntil = this.tools.clock.monotonic() + this.faults.by('held');
    end.drop();
  }

  private lineEnd(wire: { send(bytes: Uint8Array): void; hangUp(): void }): LineEnd {
    const { transport, baud } = this.o;
    const { manufacturer, model, referencing } = this.family;
    const { clock, log } = this.tools;
    return new LineEnd({
      ...wire,
      ...{ framing: this.framing, referencing, faults: this.faults, clock, log, baud: baud ?? 0 },
      servers: this.o.devices.map((device, number) =>
        logicalDevice(this.o, device, {
          number,
          framing: this.framing,
          faults: this.faults,
          source: this.tools.source,
        }),
      ),
      optical: transport === 'mode-e' ? { manufacturer, model, baud: baud ?? OPTICAL_BAUD } : undefined,
      isHeld: () => clock.monotonic() < this.heldUntil,
      fail: (ms) => this.fail(ms),
    });
  }

  /** The meter is without power for so many ms: it forgets whoever read it, and says nothing. */
  private fail(ms: number): void {
    if (this.off !== undefined) return;
    const { source, clock } = this.tools;
    source.memory.powerDown(source.now());
    this.off = clock.after(ms, () => {
      this.off = undefined;
      source.memory.powerUp(source.now());
    });
    this.heldUntil = 0;
    this.serial?.end.drop();
    this.cut();
  }
}
