import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '@smx-edge/model';
import type { Fault, FaultBook, FaultRules } from './fault-book.js';
import { listen, type Address } from './listen.js';
import { Pty } from './pty.js';

/** Bytes a reader may lag behind before it is dropped: a serial line does not wait either. */
const LAG = 262_144;

/** What carries bytes to one reader. */
export interface Wire {
  send(bytes: Uint8Array): void;
  /** Ends the connection, where the line is one. */
  hangUp(): void;
}

/** What a meter has for one reader. */
export interface WireEnd {
  /** Bytes that went over the line, both ways. */
  readonly bytes: number;
  receive(chunk: Uint8Array): void;
  /** What is under way is lost, and whoever read is forgotten. */
  drop(): void;
}

export interface MeterPlaces {
  /** Where it serves on TCP: as a serial device server, or as the meter itself. Port 0 = any free one. */
  readonly address: Address;
  /** Path of a pseudo-terminal on the same line; needs socat. */
  readonly pty?: string;
}

interface Reader<E> {
  readonly wire: Wire;
  readonly end: E;
}

/** A meter of the site on TCP and, if asked, on a pseudo-terminal, with faults on demand. */
export abstract class MeterPort<K extends string = string, E extends WireEnd = WireEnd> {
  private readonly server: Server;
  private readonly links = new Map<Socket, Reader<E>>();
  private pty: Pty | undefined;
  private serial: Reader<E> | undefined;
  private bound: Address;
  private gone = 0;
  /** Without power it hears nobody. */
  protected isOff = false;

  protected constructor(
    private readonly places: MeterPlaces,
    protected readonly tools: { readonly log: Log; readonly faults: FaultBook<K>; readonly rules: FaultRules<K> },
  ) {
    this.server = createServer((socket) => this.accept(socket));
    this.server.on('error', (error) => tools.log.error('meter server', { error: error.message }));
    this.bound = places.address;
  }

  get address(): Address {
    return this.bound;
  }

  get ptyPath(): string | undefined {
    return this.pty?.path;
  }

  /** Readers connected over TCP now. */
  get clients(): number {
    return this.links.size;
  }

  /** Bytes that went over its lines, both ways. */
  get bytes(): number {
    return this.readers.reduce((sum, { end }) => sum + end.bytes, this.gone);
  }

  get faultRules(): FaultRules<K> {
    return this.tools.rules;
  }

  get activeFaults(): Fault<K>[] {
    return this.tools.faults.list;
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault<K>): void {
    this.tools.faults.set(fault);
  }

  clearFault(kind?: K): void {
    this.tools.faults.clear(kind);
  }

  /** As a cable that is pulled and put in again: the meter may not notice. */
  cut(): void {
    for (const socket of this.links.keys()) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.serial?.end.drop();
    await this.pty?.close();
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** What there is for a reader who comes. */
  protected abstract endOf(wire: Wire): E;

  /** A reader on TCP went. */
  protected left(end: E): void {
    end.drop();
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  protected async start({
    faults = [],
    isOneWay = false,
  }: {
    faults?: readonly Fault<K>[] | undefined;
    isOneWay?: boolean;
  }): Promise<void> {
    // prettier-ignore
    for (const fault of faults) this.setFault(fault);
    this.bound = await listen(this.server, this.places.address);
    try {
      if (this.places.pty !== undefined) await this.openPty(this.places.pty, isOneWay);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** The same to all who read. */
  protected broadcast(bytes: Uint8Array): void {
    for (const { wire } of this.readers) wire.send(bytes);
  }

  protected get ends(): E[] {
    return this.readers.map(({ end }) => end);
  }

  /** As a meter that forgets who read it, and ends what is under way. */
  protected dropAll(): void {
    this.serial?.end.drop();
    this.cut();
  }

  private get readers(): Reader<E>[] {
    return this.serial === undefined ? [...this.links.values()] : [...this.links.values(), this.serial];
  }

  private async openPty(path: string, isOneWay: boolean): Promise<void> {
    const wire: Wire = { send: (bytes) => this.pty?.send(bytes), hangUp: () => end.drop() };
    const end = this.endOf(wire);
    const onData = (chunk: Uint8Array): void => {
      if (!this.isOff) end.receive(chunk);
    };
    this.pty = await Pty.open(path, { log: this.tools.log, ...(!isOneWay && { onData }) });
    this.serial = { wire, end };
  }

  private accept(socket: Socket): void {
    const { log } = this.tools;
    socket.on('error', (error) => log.debug('reader', { error: error.message }));
    if (this.isOff) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const wire: Wire = { send: (bytes) => this.sendTo(socket, bytes), hangUp: () => socket.destroy() };
    const end = this.endOf(wire);
    this.links.set(socket, { wire, end });
    socket.on('data', (chunk) => end.receive(chunk));
    socket.on('close', () => {
      this.links.delete(socket);
      this.gone += end.bytes;
      this.left(end);
    });
  }

  private sendTo(socket: Socket, bytes: Uint8Array): void {
    if (socket.writableLength <= LAG) {
      socket.write(bytes);
      return;
    }
    this.tools.log.warn('client does not read; dropped', { peer: socket.remoteAddress ?? '' });
    this.links.delete(socket);
    socket.destroy();
  }
}
