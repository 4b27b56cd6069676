import type { Socket } from 'node:net';
import { isSmxError, SmxError } from '@smx-edge/model';
import {
  PortFrame,
  PortFrameReader,
  portBody,
  portFrame,
  portMessage,
  type PortRequest,
} from '@smx-edge/extension-api/transports';
import type { SerialDevice } from './serial-device.js';

/** Bytes of the instance that may wait for the wire. */
const MOST_UNSENT = 64 * 1024;
/** How long an ending socket may take to carry its last error, ms. */
const FAREWELL = 1000;

export function failureOf(error: unknown): { code: string; message: string } {
  if (isSmxError(error)) return { code: error.code, message: error.message };
  return { code: 'SMX_TRANSPORT_CONNECT', message: error instanceof Error ? error.message : String(error) };
}

function settingsOf(body: Record<string, unknown>): PortRequest & { op: 'configure' } {
  const { baud, mode, dtr, rts } = body;
  if (baud !== undefined && !(typeof baud === 'number' && Number.isInteger(baud) && baud >= 50 && baud <= 4_000_000))
    throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', 'baud must be a whole number of 50 to 4000000');
  return {
    op: 'configure',
    ...(baud === undefined ? {} : { baud }),
    ...(typeof mode === 'string' ? { mode } : {}),
    ...(typeof dtr === 'boolean' ? { dtr } : {}),
    ...(typeof rts === 'boolean' ? { rts } : {}),
  };
}

/** Carries one opened port over one admitted socket: bytes both ways, requests strictly in order with the bytes. */
export class PortSession {
  private readonly reader = new PortFrameReader((type, payload) => this.frame(type, payload));
  private tail: Promise<void> = Promise.resolve();
  private unsent = 0;
  private over = false;

  constructor(
    private readonly socket: Socket,
    private readonly device: SerialDevice,
    private readonly onEnd: () => void,
  ) {
    socket.on('close', () => this.end());
    socket.on('drain', () => device.resume());
    socket.write(portFrame(PortFrame.ready, new Uint8Array(0)));
    device.start({
      data: (bytes) => {
        if (!socket.write(portFrame(PortFrame.data, bytes))) device.pause();
      },
      gone: (error) => this.gone(error),
    });
  }

  /** Bytes of the instance. A breach of the protocol ends the session. */
  push(chunk: Uint8Array): void {
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.gone(error);
    }
  }

  gone(error: unknown): void {
    if (this.over) return;
    this.socket.end(portMessage(PortFrame.error, undefined, failureOf(error)));
    setTimeout(() => this.socket.destroy(), FAREWELL).unref();
    this.end();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.onEnd();
  }

  private frame(type: number, payload: Uint8Array): void {
    if (type === PortFrame.data) this.send(Uint8Array.from(payload));
    else if (type === PortFrame.request) {
      const id = Buffer.from(payload.subarray(0, 4)).readUInt32BE(0);
      const body = portBody(payload.subarray(4));
      this.tail = this.tail.then(() => this.answer(id, body));
    } else throw new SmxError('SMX_TRANSPORT_CONNECT', `a frame of type ${type} is not expected here`);
  }

  private send(bytes: Uint8Array): void {
    this.unsent += bytes.length;
    if (this.unsent > MOST_UNSENT) this.socket.pause();
    this.tail = this.tail.then(async () => {
      try {
        if (!this.over) await this.device.write(bytes);
      } catch (error) {
        this.gone(error);
      }
      this.unsent -= bytes.length;
      if (this.unsent <= MOST_UNSENT / 2) this.socket.resume();
    });
  }

  private async answer(id: number, body: Record<string, unknown>): Promise<void> {
    if (this.over) return;
    try {
      await this.perform(body);
      this.reply(id, {});
    } catch (error) {
      this.reply(id, failureOf(error));
    }
  }

  private async perform(body: Record<string, unknown>): Promise<void> {
    switch (body['op']) {
      case 'configure':
        return this.device.configure(settingsOf(body));
      case 'drain':
        return this.device.drain();
      case 'flush':
        return this.device.flush();
      case 'break': {
        const ms = body['ms'];
        if (!(typeof ms === 'number' && ms >= 1 && ms <= 10_000))
          throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', 'a break lasts 1 to 10000 ms');
        return this.device.break(ms);
      }
      default:
        throw new SmxError('SMX_TRANSPORT_UNSUPPORTED', `the port process has no request "${String(body['op'])}"`);
    }
  }

  private reply(id: number, body: object): void {
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.write(portMessage(PortFrame.reply, id, body));
  }
}
