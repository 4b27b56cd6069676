import { connect, createServer, type Socket } from 'node:net';

/** A TCP server that does to a client what no good broker would. */
export interface FakeBroker {
  readonly port: number;
  /** MQTT versions of the CONNECTs that came. */
  readonly versions: number[];
  /** Replaces what it does. */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Called with the first bytes of each connection and the version in its CONNECT; undefined for other bytes. */
export type Behaviour = (socket: Socket, version: number | undefined, bytes: Buffer) => void;

export const silent: Behaviour = () => undefined;
/** CONNACK of 3.1.1 or, with `five`, of 5.0 (OASIS MQTT §3.2). */
export const connack = (code: number, five = false): Buffer =>
  Buffer.from(five ? [0x20, 3, 0, code, 0] : [0x20, 2, 0, code]);

export async function fakeBroker(first: Behaviour): Promise<FakeBroker> {
  let behaviour = first;
  const versions: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', (bytes) => {
      // fixed header, then length and "MQTT", then the version
      const at = bytes.indexOf('MQTT');
      const version = bytes[0] === 0x10 && at > 0 ? bytes[at + 4] : undefined;
      if (version !== undefined) versions.push(version);
      behaviour(socket, version, bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return {
    port: address.port,
    versions,
    behave: (next) => (behaviour = next),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A way to a real broker that can be cut; with `only`, other MQTT versions are refused as unknown. */
export async function cuttable(to: number, only?: number): Promise<FakeBroker & { cut(): void }> {
  const open = new Set<Socket>();
  const broker = await fakeBroker((socket, version, bytes) => {
    if (only !== undefined && version !== only) return void socket.end(connack(1));
    const beyond = connect(to, '127.0.0.1');
    for (const one of [socket, beyond]) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        socket.destroy();
        beyond.destroy();
      });
    }
    beyond.write(bytes);
    socket.pipe(beyond).pipe(socket);
  });
  return {
    ...broker,
    cut() {
      for (const socket of open) socket.resetAndDestroy();
      open.clear();
    },
  };
}
