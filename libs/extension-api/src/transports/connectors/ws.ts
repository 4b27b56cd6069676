import { WebSocket, type RawData } from 'ws';
import { SmxError } from '@smx-edge/model';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import { LineFault } from '../fault.js';
import type { Source, WebSocketSource } from '../source.js';
import { tlsOptions } from './tls-options.js';

const LARGEST_MESSAGE = 1024 * 1024;
const MOST_UNSENT = 1024 * 1024;

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function messages(socket: WebSocket, sink: Sink): Connection {
  let failure: unknown;
  socket.on('message', (data) => sink.data(bytesOf(data)));
  socket.on('error', (error) => (failure ??= wsFault(error)));
  socket.on('close', (code, reason) => {
    // 1006 = the connection broke without a close frame (RFC 6455 7.4.1)
    const text =
      code === 1006 ? undefined : `the other side closed the WebSocket with ${code} ${reason.toString()}`.trim();
    sink.end(failure ?? (text === undefined ? undefined : new LineFault('closed', text)));
  });
  const write = (bytes: Uint8Array): Promise<void> => {
    if (socket.bufferedAmount + bytes.length > MOST_UNSENT)
      return Promise.reject(
        new SmxError('SMX_TRANSPORT_BUSY', 'the other side does not take what is written; write less or wait'),
      );
    return new Promise((resolve, reject) => {
      socket.send(bytes, { binary: true }, (error) => {
        if (error == null) resolve();
        else
          reject(
            new SmxError('SMX_TRANSPORT_CONNECT', 'the connection ended before the message was sent', { cause: error }),
          );
      });
    });
  };
  return {
    write,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
    // sends are called back in order, so an empty ping behind them tells that they left
    drain: () =>
      new Promise((resolve, reject) => {
        socket.ping('', undefined, (error) => {
          if ((error as Error | null | undefined) == null) resolve();
          else reject(new SmxError('SMX_TRANSPORT_CONNECT', 'the connection ended', { cause: error }));
        });
      }),
  };
}

function wsFault(error: Error): Error {
  const status = /^Unexpected server response: (\d+)/.exec(error.message)?.[1];
  if (status !== undefined)
    return new LineFault(
      'http-status',
      `the server answered ${status} instead of a WebSocket; check path and credentials`,
      error,
    );
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('WS_ERR'))
    return new LineFault('protocol', `the other side broke the WebSocket protocol: ${error.message}`, error);
  return error;
}

export function wsConnector(source: WebSocketSource & Source, options: ConnectorOptions): Connector {
  return {
    label: source.label,
    insecure: source.insecure,
    connect(sink, signal) {
      return new Promise((resolve, reject) => {
        const secure = source.url.startsWith('wss:') ? tlsOptions(source, options.tls) : {};
        const socket = new WebSocket(source.url, { perMessageDeflate: false, maxPayload: LARGEST_MESSAGE, ...secure });
        const abort = (): void => socket.terminate();
        signal.addEventListener('abort', abort, { once: true });
        socket.on('error', (error) => reject(wsFault(error)));
        socket.once('open', () => {
          signal.removeEventListener('abort', abort);
          resolve(messages(socket, sink));
        });
      });
    },
  };
}
