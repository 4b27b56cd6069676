import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Log } from '@smx-edge/model';
import { helloName } from './client-hello.js';
import type { TunnelTarget } from './tls-settings.js';

/** ms that a peer has for its ClientHello. */
const HELLO_WITHIN = 10_000;
const LONGEST_HELLO = 20_000;
/** ms to reach the far end. */
const CONNECT_WITHIN = 10_000;
/** Peers that have not said yet whom they want; the oldest goes first. */
const MOST_SILENT = 64;

export interface SniTunnelOptions {
  readonly targets: ReadonlyMap<string, TunnelTarget>;
  /** Takes a connection for any other name, with the bytes that were read put back. */
  readonly others: (socket: Socket) => void;
  readonly log: Log;
}

/**
 * A port that looks at the server name of each TLS connection: some go on as they are, end to end, and nothing of them is seen or
 * told here but how many bytes passed; the others are served by this box.
 */
export function sniTunnel(o: SniTunnelOptions): { readonly server: Server; close(): void } {
  const silent = new Set<Socket>();
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    silent.add(socket);
    const [oldest] = silent;
    if (silent.size > MOST_SILENT) oldest?.destroy();
    let read: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), HELLO_WITHIN);
    const decided = (): void => {
      clearTimeout(timer);
      socket.off('data', look);
      socket.off('close', decided);
      silent.delete(socket);
    };
    const look = (chunk: Buffer): void => {
      read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
      const hello = helloName(read);
      if (hello === 'more' && read.length < LONGEST_HELLO) return;
      decided();
      socket.pause();
      const target = typeof hello === 'object' ? o.targets.get(hello.name) : undefined;
      if (target !== undefined) {
        pipe(socket, { target, first: read, log: o.log });
        return;
      }
      socket.off('error', ignore);
      socket.unshift(read);
      o.others(socket);
    };
    socket.on('error', ignore);
    socket.on('data', look);
    socket.on('close', decided);
  });
  const close = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { server, close };
}

/** An error is followed by its close. */
const ignore = (): void => {};

function pipe(near: Socket, { target, first, log }: { target: TunnelTarget; first: Buffer; log: Log }): void {
  const far = connect({ ...target, noDelay: true, keepAlive: true });
  near.setKeepAlive(true, 20_000);
  far.setTimeout(CONNECT_WITHIN, () => far.destroy(new Error('no connection in time')));
  far.once('connect', () => {
    far.setTimeout(0);
    far.write(first);
    near.pipe(far).pipe(near);
  });
  far.on('error', (error) =>
    log.warn('a connection that goes on as it is failed', { ...target, error: error.message }),
  );
  // what still waits to be written goes first
  far.once('close', () => near.destroySoon());
  near.once('close', () => far.destroySoon());
}
