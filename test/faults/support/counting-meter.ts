import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Zone } from '@smx-edge/model';
import { encodeTelegram, fixed, formatTst } from '@smx-edge/protocols/p1';

const ZONE = new Zone('Europe/Brussels');

/** What it says of its counter, Wh. */
export const COUNTED = 'energy/active/import';

export interface Counted {
  /** What the telegram says it is, ms UTC. */
  readonly time: number;
  /** When it was sent, by the clock of this process. */
  readonly at: number;
}

/** A P1 meter on TCP with a clock of its own, whose register tells each telegram from every other. */
export class CountingMeter {
  /** By the register, what it sent to anybody. */
  readonly sent = new Map<number, Counted>();
  /** Its clock before or behind that of this process, ms. */
  ahead = 0;
  private count = 0;
  private readonly clients = new Set<Socket>();
  private readonly timer = setInterval(() => this.send(), 1000);

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.clients.add(socket);
      socket.on('error', () => undefined).on('close', () => this.clients.delete(socket));
    });
  }

  static async start(): Promise<CountingMeter> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CountingMeter(server);
  }

  /** Register of the newest telegram. */
  get last(): number {
    return this.count;
  }

  get source(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const client of this.clients) client.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private send(): void {
    if (this.clients.size === 0) return;
    const at = Date.now();
    const time = Math.floor((at + this.ahead) / 1000) * 1000;
    // a timer that is a little early must not give a second twice
    if (time === this.sent.get(this.count)?.time) return;
    const count = ++this.count;
    const energy = (wh: number): string => fixed(wh, { digits: 9, decimals: 3, exponent: 3, unit: 'kWh' });
    const telegram = encodeTelegram({
      ident: 'FLU5\\253770234_A',
      objects: [
        { obis: '0-0:96.1.4', groups: ['50217'] },
        { obis: '0-0:1.0.0', groups: [formatTst(time, ZONE.offset(time))] },
        { obis: '1-0:1.8.1', groups: [energy(count)] },
        { obis: '1-0:1.8.2', groups: [energy(0)] },
      ],
    });
    for (const client of this.clients) client.write(telegram);
    this.sent.set(count, { time, at });
  }
}
