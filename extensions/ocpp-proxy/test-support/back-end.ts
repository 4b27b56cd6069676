import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTls, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Peer } from './peer.js';

export interface BackEndPlan {
  /** Chooses of what is offered; default the first. '' = none. */
  readonly protocol?: (offered: readonly string[]) => string;
  /** Refuses instead: the whole answer, as text. */
  readonly refuse?: string;
  /** Sent in one piece with the answer to the upgrade. */
  readonly greeting?: string;
  /** Closed with this code right after it. */
  readonly closes?: number;
  readonly port?: number;
  readonly tls?: ServerOptions;
}

export interface Visit {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A back end for tests: takes connections, notes what came, and says what it is told to. */
export class TestBackEnd {
  /** What was asked at each upgrade, also of those refused. */
  readonly visits: Visit[] = [];
  /** Connections in the order they came. */
  readonly peers: Peer[] = [];
  plan: BackEndPlan;

  private constructor(
    private readonly server: Server,
    plan: BackEndPlan,
  ) {
    this.plan = plan;
    server.on('upgrade', (request, socket, head) => this.upgraded(request, socket, head));
  }

  static async open(plan: BackEndPlan = {}): Promise<TestBackEnd> {
    const server = plan.tls === undefined ? createServer() : createTls(plan.tls);
    const backEnd = new TestBackEnd(server, plan);
    await new Promise<void>((resolve) => server.listen(plan.port ?? 0, '127.0.0.1', resolve));
    return backEnd;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.plan.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${this.port}`;
  }

  /** The newest connection. */
  get last(): Peer {
    return this.peers.at(-1)!;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.ws.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private upgraded(request: IncomingMessage, socket: import('node:stream').Duplex, head: Buffer): void {
    this.visits.push({ url: request.url!, headers: { ...request.headers } });
    const { refuse, protocol, greeting, closes } = this.plan;
    socket.on('error', () => {});
    if (refuse !== undefined) {
      socket.end(refuse);
      return;
    }
    const options = {
      noServer: true,
      skipUTF8Validation: true,
      handleProtocols: (offered: Set<string>) => (protocol ? protocol([...offered]) : [...offered][0]!) || false,
    } as const;
    if (greeting !== undefined) socket.cork();
    new WebSocketServer(options).handleUpgrade(request, socket, head, (ws: WebSocket) => {
      this.peers.push(new Peer(ws, socket));
      if (greeting !== undefined) ws.send(greeting);
      if (closes !== undefined) ws.close(closes);
      process.nextTick(() => socket.uncork());
    });
  }
}
