import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Holds the connections that have not asked anything yet to a number: one more pushes out the oldest, so that nobody
 * fills the door by connecting and keeping silent.
 */
export class WaitingRoom {
  private readonly waiting = new Set<Socket>();

  constructor(server: Server, { most, event }: { most: number; event: 'connection' | 'secureConnection' }) {
    server.on(event, (socket: Socket) => {
      this.waiting.add(socket);
      socket.once('close', () => this.waiting.delete(socket));
      if (this.waiting.size <= most) return;
      const [oldest] = this.waiting;
      oldest?.destroy();
    });
    server.on('request', (request: IncomingMessage) => this.waiting.delete(request.socket));
  }
}
