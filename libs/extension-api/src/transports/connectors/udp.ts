import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { SmxError } from '@smx-edge/model';
import type { Connection, Connector, Sink } from '../connector.js';
import type { Source, UdpSource } from '../source.js';

/** RFC 5771: 224.0.0.0/4; RFC 4291 2.7: ff00::/8. */
function isMulticast(host: string): boolean {
  return isIPv6(host) ? /^ff/i.test(host) : /^(22[4-9]|23\d)\./.test(host);
}

function datagrams(socket: Socket, sink: Sink): Connection {
  let peer: RemoteInfo | undefined;
  let closed = false;
  socket.on('message', (message, from) => {
    peer = from;
    sink.data(message);
  });
  socket.on('error', (error) => sink.end(error));
  return {
    write(bytes) {
      const to = peer;
      if (to === undefined)
        return Promise.reject(
          new SmxError('SMX_TRANSPORT_CONNECT', 'nobody has sent a datagram yet, so there is nobody to answer'),
        );
      return new Promise((resolve, reject) => {
        socket.send(bytes, to.port, to.address, (error) => {
          if (error === null) resolve();
          else reject(new SmxError('SMX_TRANSPORT_CONNECT', 'the datagram could not be sent', { cause: error }));
        });
      });
    },
    // a datagram socket cannot hold its senders back: the queue drops the oldest
    pause: () => undefined,
    resume: () => undefined,
    drain: () => Promise.resolve(),
    close() {
      if (closed) return;
      closed = true;
      socket.close();
    },
  };
}

function bound(source: UdpSource & Source, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const multicast = isMulticast(source.host);
    const socket = createSocket({ type: isIPv6(source.host) ? 'udp6' : 'udp4', reuseAddr: multicast });
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
    socket.once('listening', () => {
      signal.removeEventListener('abort', abort);
      if (settled) return;
      try {
        if (multicast) socket.addMembership(source.host, source.interface);
      } catch (error) {
        giveUp(error as Error);
        return;
      }
      settled = true;
      resolve(socket);
    });
    socket.bind({ port: source.port, ...(multicast ? {} : { address: source.host }) });
  });
}

export function udpConnector(source: UdpSource & Source): Connector {
  return {
    label: source.label,
    lossy: true,
    async connect(sink, signal) {
      const socket = await bound(source, signal);
      return datagrams(socket, sink);
    },
  };
}
