import { Duplex } from 'node:stream';
import type { Connection } from '../transports/connector.js';

/** A connection of ours as the stream that mqtt.js takes. */
export class ConnectionStream extends Duplex {
  constructor(
    private readonly connection: Connection,
    private readonly sent: (bytes: Uint8Array) => void,
  ) {
    super();
  }

  /** Hands on what came; a reader that is behind holds the connection back. */
  received(chunk: Uint8Array): void {
    if (!this.destroyed && !this.push(chunk)) this.connection.pause();
  }

  override _read(): void {
    this.connection.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.sent(chunk);
    this.connection.write(chunk).then(() => done(), done);
  }

  /** What mqtt.js wrote last has left: there is nothing more to wait for. */
  override _final(done: (error?: Error | null) => void): void {
    done();
    this.destroy();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connection.close();
    done(error);
  }
}
