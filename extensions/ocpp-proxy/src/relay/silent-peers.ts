import type { Socket } from 'node:net';

/** Whose connection it is; that of TLS has the address and port of the one below it. */
type End = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Connections that have not asked for anything yet, by address. One address has so many at most, of which the oldest goes first:
 * who opens connections and says nothing takes no place from others.
 */
export class SilentPeers {
  private readonly byAddress = new Map<string, Map<number | undefined, Socket>>();

  constructor(private readonly most: number) {}

  readonly came = (socket: Socket): void => {
    const { remoteAddress = '', remotePort } = socket;
    const silent = this.byAddress.get(remoteAddress) ?? new Map<number | undefined, Socket>();
    this.byAddress.set(remoteAddress, silent);
    silent.set(remotePort, socket);
    socket.once('close', () => this.asked({ remoteAddress, remotePort }));
    const [oldest] = silent.values();
    if (silent.size > this.most) oldest?.destroy();
  };

  asked({ remoteAddress = '', remotePort }: End): void {
    const silent = this.byAddress.get(remoteAddress);
    silent?.delete(remotePort);
    if (silent?.size === 0) this.byAddress.delete(remoteAddress);
  }
}
