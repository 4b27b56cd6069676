import { connect, type Socket } from 'node:net';
import { P1Decoder } from '@smx-edge/protocols/p1';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';

/** Points of each telegram whose values are looked at; the first changes with nearly each. */
export const WATCHED = ['voltage/l2', 'power/active', 'energy/active/import'] as const;

/** A meter on TCP that sends a telegram each second, and what it sent, seen by a client beside the reader. */
export class Witness {
  /** By the time in the telegram, ms UTC: values of `WATCHED`. */
  readonly sent = new Map<number, readonly unknown[]>();
  /** When each came, ms UTC by the clock of this process. */
  readonly came = new Map<number, number>();

  private constructor(
    readonly site: P1Site,
    private readonly socket: Socket,
  ) {
    const decoder = new P1Decoder({
      onTelegram: (telegram) => {
        this.sent.set(
          telegram.time,
          WATCHED.map((path) => telegram.get(path)),
        );
        this.came.set(telegram.time, Date.now());
      },
    });
    socket.on('data', (bytes: Buffer) => decoder.push(bytes));
  }

  static async start(): Promise<Witness> {
    const site = await startP1Site({ host: '127.0.0.1', port: 0 });
    const socket = connect(site.address);
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return new Witness(site, socket);
  }

  get port(): number {
    return this.site.address.port;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    await this.site.stop();
  }
}
