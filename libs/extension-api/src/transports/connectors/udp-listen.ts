import type { RemoteInfo, Socket } from 'node:dgram';
import type { Connection, Connector, Sink } from '../connector.js';
import { LineFault } from '../fault.js';
import type { Door, Guests } from '../peer-listener.js';
import type { Source, UdpSource } from '../source.js';
import { datagramConnection, listening, sendDatagram } from './udp.js';

/** Who sends datagrams from one address and port, as a peer. */
class Sender implements Connector {
  readonly once = true;
  readonly lossy = true;
  private sink: Sink | undefined;

  constructor(
    readonly label: string,
    private readonly reach: { write(bytes: Uint8Array): Promise<void>; forget(): void },
  ) {}

  connect(sink: Sink): Promise<Connection> {
    this.sink = sink;
    return Promise.resolve(datagramConnection(this.reach.write, this.reach.forget));
  }

  take(datagram: Uint8Array): void {
    this.sink?.data(datagram);
  }

  makeRoom(): void {
    this.reach.forget();
    this.sink?.end(new LineFault('replaced', `${this.label}: others took its place, as it was silent for longest`));
  }
}

/** Hears datagrams: who sends them is a guest until he is silent. Rejects with any error. */
export async function openUdpDoor(source: UdpSource & Source, guests: Guests, signal: AbortSignal): Promise<Door> {
  const socket = await listening(source, signal);
  const senders = new Senders(socket, source.label, guests);
  socket.on('error', (error) => guests.failed(error));
  socket.on('message', (datagram, from) => senders.heard(datagram, from));
  return {
    get address() {
      const { address: host, port } = socket.address();
      return { host, port };
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** By address and port, who was heard last at the end. */
class Senders {
  private readonly known = new Map<string, Sender>();

  constructor(
    private readonly socket: Socket,
    private readonly label: string,
    private readonly guests: Guests,
  ) {}

  heard(datagram: Uint8Array, from: RemoteInfo): void {
    const key = `${from.address}:${from.port}`;
    const sender = this.known.get(key) ?? this.arrived(key, from);
    this.known.delete(key);
    this.known.set(key, sender);
    sender.take(datagram);
  }

  private arrived(key: string, from: RemoteInfo): Sender {
    const { known, socket, guests } = this;
    if (known.size >= guests.most) known.values().next().value?.makeRoom();
    const forget = (): void => {
      if (known.get(key) === sender) known.delete(key);
    };
    const write = (bytes: Uint8Array): Promise<void> => sendDatagram(socket, bytes, from);
    const sender: Sender = new Sender(`${this.label} from ${key}`, { write, forget });
    guests.arrived({ label: sender.label, connector: sender, turnAway: forget });
    return sender;
  }
}
