import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { SmxError } from '@smx-edge/model';
import type { Connection, Connector, ConnectorOptions, Sink } from '../connector.js';
import type { Source, UdpSource } from '../source.js';

/** RFC 5771: 224.0.0.0/4; RFC 4291 2.7: ff00::/8. */
function isMulticast(host: string): boolean {
  return isIPv6(host) ? /^ff/i.test(host) : /^(22[4-9]|23\d)\./.test(host);
}

/** Sends one datagram, to the socket's own other end where no other is given. Rejects SMX_TRANSPORT_CONNECT. */
export function sendDatagram(socket: Socket, bytes: Uint8Array, to?: RemoteInfo): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = (error: Error | null): void => {
      if (error === null) resolve();
      else reject(new SmxError('SMX_TRANSPORT_CONNECT', 'the datagram could not be sent', { cause: error }));
    };
    if (to === undefined) socket.send(bytes, sent);
    else socket.send(bytes, to.port, to.address, sent);
  });
}

/** What all connections of datagrams have in common. */
export const datagramConnection = (
  write: Connection['write'],
  close: Connection['close'],
): Pick<Connection, 'write' | 'pause' | 'resume' | 'drain' | 'close'> => ({
  write,
  // a datagram socket cannot hold its senders back: the queue drops the oldest
  pause: () => undefined,
  resume: () => undefined,
  drain: () => Promise.resolve(),
  close,
});

function datagrams(socket: Socket, sink: Sink, isRemote: boolean): Connection {
  let peer: RemoteInfo | undefined;
  let closed = false;
  socket.on('message', (message, from) => {
    peer = from;
    sink.data(message);
  });
  socket.on('error', (error) => sink.end(error));
  return datagramConnection(
    async (bytes) => {
      if (!isRemote && peer === undefined)
        throw new SmxError('SMX_TRANSPORT_CONNECT', 'nobody has sent a datagram yet, so there is nobody to answer');
      await sendDatagram(socket, bytes, isRemote ? undefined : peer);
    },
    () => {
      if (closed) return;
      closed = true;
      socket.close();
    },
  );
}

interface Opening {
  readonly isIPv6: boolean;
  readonly reuseAddr?: boolean;
  /** Binds or connects. */
  begin(socket: Socket): void;
  /** What to do once that is done; may throw. */
  done?(socket: Socket): void;
}

function opened(event: 'listening' | 'connect', opening: Opening, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: opening.isIPv6 ? 'udp6' : 'udp4',
      reuseAddr: opening.reuseAddr ?? false,
    });
    let settled = false;
    const giveUp = (error: Error): void => {
      if (settled) return;
      settled = true;
      socket.close();
      reject(error);
    };
    const abort = (): void => giveUp(new SmxError('SMX_TRANSPORT_CLOSED', 'the attempt was given up'));
    signal.addEventListener('abort', abort, { once: true });
    socket.on('error', giveUp);
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      if (settled) return;
      try {
        opening.done?.(socket);
      } catch (error) {
        giveUp(error as Error);
        return;
      }
      settled = true;
      resolve(socket);
    });
    opening.begin(socket);
  });
}

/** A socket that hears what is sent to the address, or to the multicast group. */
export function listening(source: UdpSource & Source, signal: AbortSignal): Promise<Socket> {
  const { host, port } = source;
  const isGroup = isMulticast(host);
  return opened(
    'listening',
    {
      isIPv6: isIPv6(host),
      reuseAddr: isGroup,
      begin: (socket) => void socket.bind({ port, ...(isGroup ? {} : { address: host }) }),
      ...(isGroup && { done: (socket: Socket) => socket.addMembership(host, source.interface) }),
    },
    signal,
  );
}

/** A socket that speaks with this address and hears nobody else. */
async function connected({ host, port }: UdpSource, signal: AbortSignal): Promise<Socket> {
  const { address, family } = await lookup(host);
  return opened('connect', { isIPv6: family === 6, begin: (socket) => socket.connect(port, address) }, signal);
}

export function udpConnector(
  source: UdpSource & Source,
  { remote = false }: Pick<ConnectorOptions, 'remote'>,
): Connector {
  return {
    label: source.label,
    lossy: true,
    async connect(sink, signal) {
      const socket = await (remote ? connected(source, signal) : listening(source, signal));
      return datagrams(socket, sink, remote);
    },
  };
}
