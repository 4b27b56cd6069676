import { connect, type Socket } from 'node:net';
import { ERROR_CODES, SmxError, type ErrorCode } from '@smx-edge/model';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import { PortFrame, PortFrameReader, portBody, portFrame, portMessage, type PortRequest } from '../port-wire.js';
import type { SerialSource, Source } from '../source.js';
import { parseMode } from '../serial-mode.js';
import { established, writeStream } from '../stream-connection.js';
import type { LineSettings } from '../types.js';

const CHUNK = 64 * 1024;
/** What is read at once. */
const READ = 16 * 1024;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly flush: boolean;
}

function failureOf(body: Record<string, unknown>): SmxError {
  const code =
    typeof body['code'] === 'string' && body['code'] in ERROR_CODES
      ? (body['code'] as ErrorCode)
      : 'SMX_TRANSPORT_CONNECT';
  return new SmxError(code, typeof body['message'] === 'string' ? body['message'] : 'the port process gave no reason');
}

/** The instance's end of the socket of one serial port. */
class PortConnection implements Connection {
  private readonly reader = new PortFrameReader((type, payload) => this.frame(type, payload));
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private paused = false;
  private failure: unknown;
  private over = false;
  private readyResolve: (() => void) | undefined;
  /** Resolves once the nonce was taken. */
  readonly ready: Promise<void>;

  constructor(
    private readonly socket: Socket,
    private readonly sink: Sink,
    private readonly remember: (settings: LineSettings) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.readyResolve = resolve;
      socket.once('close', () => reject(this.reason()));
    });
    socket.on('error', (error) => (this.failure ??= error));
    socket.on('close', () => this.ended());
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK)
      await writeStream(this.socket, portFrame(PortFrame.data, bytes.subarray(at, at + CHUNK)));
  }

  async configure(settings: LineSettings): Promise<void> {
    if (settings.mode !== undefined && parseMode(settings.mode) === undefined)
      throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', `"${settings.mode}" is no serial mode; write it like 8N1 or 7E1`);
    await this.request({ op: 'configure', ...settings });
    this.remember(settings);
  }

  break(ms: number): Promise<void> {
    return this.request({ op: 'break', ms });
  }

  drain(): Promise<void> {
    return this.request({ op: 'drain' });
  }

  flush(): Promise<void> {
    return this.request({ op: 'flush' });
  }

  pause(): void {
    this.paused = true;
    this.hold();
  }

  resume(): void {
    this.paused = false;
    this.hold();
  }

  close(): void {
    this.over = true;
    this.socket.destroy();
    this.settle(new SmxError('SMX_TRANSPORT_CLOSED', 'the line was closed'));
  }

  private request(request: PortRequest): Promise<void> {
    if (this.over) return Promise.reject(this.reason());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, flush: request.op === 'flush' });
      this.hold();
      this.socket.write(portMessage(PortFrame.request, id, request));
    });
  }

  /** A reply may stand behind data that nobody reads, so a waiting request keeps the socket going. */
  private hold(): void {
    if (this.paused && this.pending.size === 0) this.socket.pause();
    else this.socket.resume();
  }

  /** Takes what the socket gives, which is only lent. */
  bytes(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.failure ??= error;
      this.socket.destroy();
    }
  }

  private frame(type: number, payload: Uint8Array): void {
    if (type === PortFrame.data) {
      for (const request of this.pending.values()) if (request.flush) return;
      this.sink.data(Buffer.from(payload));
    } else if (type === PortFrame.ready) this.readyResolve?.();
    else if (type === PortFrame.reply) this.reply(payload);
    else if (type === PortFrame.error) this.failure ??= failureOf(portBody(payload));
  }

  private reply(payload: Uint8Array): void {
    const id = Buffer.from(payload).readUInt32BE(0);
    const request = this.pending.get(id);
    if (request === undefined) return;
    this.pending.delete(id);
    const body = portBody(payload.subarray(4));
    if (request.flush) this.sink.gap('flushed');
    if ('code' in body) request.reject(failureOf(body));
    else request.resolve();
    this.hold();
  }

  private reason(): SmxError {
    if (this.failure instanceof SmxError) return this.failure;
    return new SmxError('SMX_TRANSPORT_CLOSED', 'the port process closed the port', { cause: this.failure });
  }

  private settle(error: SmxError): void {
    for (const request of this.pending.values()) request.reject(error);
    this.pending.clear();
  }

  private ended(): void {
    this.over = true;
    this.settle(this.reason());
    this.sink.end(this.reason());
  }
}

export function serialConnector(source: SerialSource & Source, options: ConnectorOptions): Connector {
  const door = options.serial;
  if (door === undefined)
    throw new SmxError(
      'SMX_EXTENSION_PERMISSION',
      `${source.label} needs the permission "serial": true in the manifest of the extension`,
    );
  let current: LineSettings = { baud: source.baud ?? 115_200, mode: source.mode ?? '8N1' };
  return {
    label: source.label,
    async connect(sink, signal) {
      const { baud = 115_200, mode = '8N1', dtr, rts } = current;
      const grant = await door.open(source.path, { baud, mode });
      let take: (chunk: Uint8Array) => void = () => undefined;
      const socket = await established(
        connect({
          path: grant.socketPath,
          // one buffer for all reads: a slow line gives some fifty chunks each second, and a stream costs more than they do
          onread: {
            buffer: Buffer.allocUnsafeSlow(READ),
            callback: (length, buffer) => {
              take(buffer.subarray(0, length));
              return true;
            },
          },
        }),
        'connect',
        signal,
      );
      const connection = new PortConnection(socket, sink, (settings) => (current = { ...current, ...settings }));
      take = (chunk) => connection.bytes(chunk);
      socket.write(portFrame(PortFrame.hello, Buffer.from(grant.nonce)));
      try {
        await connection.ready;
        if (dtr !== undefined || rts !== undefined)
          await connection.configure({ ...(dtr === undefined ? {} : { dtr }), ...(rts === undefined ? {} : { rts }) });
      } catch (error) {
        connection.close();
        throw error;
      }
      return connection;
    },
  };
}
