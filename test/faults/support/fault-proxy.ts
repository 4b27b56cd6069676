import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What a network does: `pass`; `delay` by a fixed time; `bytes` one by one; `hole`: nothing comes through and nothing is
 * closed, and what was on its way comes once it passes again; `half-open`: the far side has forgotten the connections, and
 * the near side is not told; `cut`: connections are reset, and new ones as long as it lasts.
 */
export type NetworkFault = 'pass' | 'delay' | 'bytes' | 'hole' | 'half-open' | 'cut';

/** Of `delay`, ms. */
const DELAY = 700;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isForgotten: boolean;
}

/** Stands between a client and the server at a port of 127.0.0.1, and does to its connections what a network may do. */
export class FaultProxy {
  private fault: NetworkFault = 'pass';
  private readonly pairs = new Set<Pair>();
  /** What waits for the end of a `hole`. */
  private waiting: (() => void)[] = [];
  /** Connections that were made through it. */
  connections = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (near: Socket) => void this.accept(near));
  }

  static async open(target: number): Promise<FaultProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FaultProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  set(fault: NetworkFault): void {
    this.fault = fault;
    if (fault === 'cut') for (const pair of this.pairs) this.reset(pair);
    if (fault === 'half-open')
      for (const pair of this.pairs) {
        pair.isForgotten = true;
        pair.far.destroy();
      }
    if (fault === 'hole') return;
    for (const go of this.waiting.splice(0)) go();
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) this.reset(pair);
    for (const go of this.waiting.splice(0)) go();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async accept(near: Socket): Promise<void> {
    near.on('error', () => undefined);
    if (this.fault === 'cut') return void near.resetAndDestroy();
    await this.passable();
    if (near.destroyed) return;
    this.connections++;
    const far = connect(this.target, '127.0.0.1');
    const pair: Pair = { near, far, isForgotten: false };
    this.pairs.add(pair);
    far.on('error', () => undefined);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.once('close', () => {
        // who was forgotten is not told
        if (socket === far && pair.isForgotten) return;
        this.pairs.delete(pair);
        (socket === near ? far : near).destroy();
      });
    }
    void this.carry(near, far);
    void this.carry(far, near);
  }

  /** Ends with the connection; an end that is torn is told by `close` of the sockets. */
  private async carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.passable();
        if (this.fault === 'delay') await new Promise((resolve) => setTimeout(resolve, DELAY));
        const pieces = this.fault === 'bytes' ? Array.from(chunk, (byte) => Buffer.of(byte)) : [chunk];
        for (const piece of pieces)
          if (!to.destroyed) await new Promise<void>((resolve) => to.write(piece, () => resolve()));
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  private async passable(): Promise<void> {
    if (this.fault === 'hole') await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private reset(pair: Pair): void {
    this.pairs.delete(pair);
    pair.near.resetAndDestroy();
    pair.far.destroy();
  }
}
