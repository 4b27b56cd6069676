import { createServer, type Server, type Socket } from 'node:net';

const TABLE = Uint16Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

function crc16(text: string): string {
  let crc = 0;
  for (let i = 0; i < text.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ text.charCodeAt(i)) & 0xff]!;
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

/** Time stamp of a telegram in winter time (UTC+1), `YYMMDDhhmmssW`. */
function tst(t: number): string {
  return `${new Date(t + 3_600_000).toISOString().replace(/\D/g, '').slice(2, 14)}W`;
}

/** A Belgian eMUCS 1.7.1 telegram at `t` (ms UTC) with the given import power in W, 0 … 99,999. */
export function belgianTelegram(t: number, watts: number): Buffer {
  const kw = `${String(Math.floor(watts / 1000)).padStart(2, '0')}.${String(watts % 1000).padStart(3, '0')}*kW`;
  const lines = [
    '/FLU5\\253770234_A',
    '',
    '0-0:96.1.4(50217)',
    '0-0:96.1.1(3153414733313030303030303030)',
    `0-0:1.0.0(${tst(t)})`,
    '1-0:1.8.1(001234.567*kWh)',
    '1-0:1.8.2(002345.678*kWh)',
    '1-0:2.8.1(000012.345*kWh)',
    '1-0:2.8.2(000023.456*kWh)',
    '0-0:96.14.0(0001)',
    `1-0:1.7.0(${kw})`,
    '1-0:2.7.0(00.000*kW)',
    `1-0:21.7.0(${kw})`,
    '1-0:22.7.0(00.000*kW)',
    '1-0:32.7.0(234.7*V)',
    '1-0:31.7.0(002.36*A)',
    '0-0:96.3.10(1)',
    '0-0:17.0.0(999.9*kW)',
    '1-0:31.4.0(999*A)',
    '0-0:96.13.0()',
    '!',
  ];
  const text = lines.join('\r\n');
  return Buffer.from(`${text}${crc16(text)}\r\n`, 'latin1');
}

/** A TCP server that plays a P1 gateway: whoever connects gets what `send` is given. */
export class P1Gateway {
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async listen(): Promise<P1Gateway> {
    const server = createServer();
    const gateway = new P1Gateway(server);
    server.on('connection', (socket) => {
      socket.setNoDelay(true);
      gateway.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => gateway.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.sockets.size;
  }

  send(bytes: Uint8Array): void {
    for (const socket of this.sockets) socket.write(bytes);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}
