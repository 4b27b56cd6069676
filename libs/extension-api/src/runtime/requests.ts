import { ERROR_CODES, SmxError, type ErrorCode } from '@smx-edge/model';
import type { ToHost, WireError } from '../wire.js';
import type { Channel } from './channel.js';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: SmxError): void;
}

/** An error that crossed the wire; a code this box does not know becomes SMX_INTERNAL with the code in its text. */
export function errorOfWire({ code, message }: WireError): SmxError {
  if (code in ERROR_CODES) return new SmxError(code as ErrorCode, message);
  return new SmxError('SMX_INTERNAL', `${code}: ${message}`);
}

/** Questions to the host and their answers. */
export class Requests {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private ended: SmxError | undefined;

  constructor(private readonly channel: Channel) {}

  /** Sends what `message` makes of a fresh id. Rejects with the host's error, or SMX_TRANSPORT_CLOSED after the end. */
  ask<T>(message: (id: number) => ToHost): Promise<T> {
    const { ended } = this;
    if (ended !== undefined) return Promise.reject(ended);
    const id = this.next();
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      this.channel.send(message(id));
    });
  }

  next(): number {
    return ++this.last;
  }

  resolve(id: number, value: unknown): void {
    this.waiting.get(id)?.resolve(value);
    this.waiting.delete(id);
  }

  reject(id: number, error: WireError): void {
    this.waiting.get(id)?.reject(errorOfWire(error));
    this.waiting.delete(id);
  }

  end(): void {
    const error = new SmxError('SMX_TRANSPORT_CLOSED', 'The instance has stopped; its host answers no more');
    this.ended = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
