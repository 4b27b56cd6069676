import type { Socket } from 'node:net';
import { SmxError } from '@smx-edge/model';
import type { Connection, Sink } from './connector.js';

/** Bytes that may wait for a peer that does not take them. */
const MOST_UNSENT = 1024 * 1024;

/** Settles `write` for any stream-like socket: bounded, and never silent about a loss. */
export function writeStream(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.writableLength + bytes.length > MOST_UNSENT)
    return Promise.reject(
      new SmxError(
        'SMX_TRANSPORT_BUSY',
        'the other side does not take what is written; write less or wait for drain()',
      ),
    );
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => {
      if (error == null) resolve();
      else
        reject(
          new SmxError('SMX_TRANSPORT_CONNECT', 'the connection ended before the bytes were sent', { cause: error }),
        );
    });
  });
}

/** An established TCP or TLS socket as a connection. The socket must have an error listener already. */
export function streamConnection(socket: Socket, sink: Sink): Connection {
  let failure: unknown;
  socket.on('error', (error) => (failure ??= error));
  socket.on('data', (chunk: Buffer) => sink.data(chunk));
  socket.on('close', () => sink.end(failure));
  // a peer may be gone before it is taken
  if (socket.destroyed) process.nextTick(() => sink.end(undefined));
  return {
    write: (bytes) => writeStream(socket, bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
    drain: () => writeStream(socket, new Uint8Array(0)),
  };
}

/** Waits for `event` of a connecting socket; destroys it when aborted. */
export function established<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const abort = (): void => void socket.destroy();
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', reject);
    socket.once('close', () =>
      reject(new SmxError('SMX_TRANSPORT_CLOSED', 'the other side closed the connection while it was made')),
    );
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
