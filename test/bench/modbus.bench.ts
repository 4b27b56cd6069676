import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { silentLog, systemClock } from '@smx-edge/model';
import { medianOf, type Bench, type BenchRow } from './row.js';

const ROUNDS = 5;
const READS = 2000;
const RECONNECTS = 1000;
const REGISTERS = 50;
const TIMEOUT = 100;

type Row = BenchRow & { readonly better: 'more' | 'less' };
type Answer = (request: Buffer, socket: Socket) => unknown;

/** A device that answers each request with 50 registers. */
function good(request: Buffer, socket: Socket): void {
  const bytes = Buffer.alloc(9 + 2 * REGISTERS);
  request.copy(bytes, 0, 0, 8);
  bytes.writeUInt16BE(bytes.length - 6, 4);
  bytes[8] = 2 * REGISTERS;
  socket.write(bytes);
}

async function serve(answer: Answer): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => void answer(request, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

const linkTo = (port: number): ReturnType<typeof openModbus> =>
  openModbus(`modbus://127.0.0.1:${port}`, { log: silentLog, clock: systemClock, random: () => 0, timeout: TIMEOUT });

/** Median of the time of one exchange, µs. */
async function medianUs(exchange: () => Promise<unknown>): Promise<number> {
  const times = new Float64Array(READS);
  for (let i = 0; i < READS; i++) {
    const begun = performance.now();
    await exchange();
    times[i] = 1000 * (performance.now() - begun);
  }
  return times.sort()[READS / 2]!;
}

/** What the link adds to the same bytes over a plain socket, round by round, and that plain exchange, µs. */
async function added(): Promise<{ readonly link: number; readonly raw: number }> {
  const { server, port } = await serve(good);
  const link = linkTo(port);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  const request = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, REGISTERS]);
  const plain = (): Promise<void> =>
    new Promise((resolve) => {
      socket.once('data', () => resolve());
      socket.write(request);
    });
  const unit = link.unit(1);
  const read = (): Promise<unknown> => unit.read({ address: 0, count: REGISTERS });
  await medianUs(read);
  const raws: number[] = [];
  const more = await medianOf(ROUNDS, async () => {
    const raw = await medianUs(plain);
    raws.push(raw);
    return (await medianUs(read)) - raw;
  });
  socket.destroy();
  await link.close();
  server.close();
  return { link: more, raw: raws.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]! };
}

/** How much later than its time-out the latest of requests to peers of every bad kind was settled, ms. */
async function latest(): Promise<number> {
  const peers: readonly Answer[] = [
    () => undefined,
    (_, socket) => socket.end(),
    (_, socket) => socket.resetAndDestroy(),
    (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    (request, socket) => socket.write(request.subarray(0, 5)),
    (request, socket) => good(Buffer.concat([Buffer.from([9, 9]), request.subarray(2)]), socket),
  ];
  let late = 0;
  for (const peer of peers) {
    const { server, port } = await serve(peer);
    const link = linkTo(port);
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      const asked = [1, 2, 3].map((unit) => link.unit(unit).read({ address: 0, count: REGISTERS }));
      const outcomes = await Promise.allSettled(asked);
      if (outcomes.some(({ status }) => status === 'fulfilled')) throw new Error('a bad answer was taken');
      late = Math.max(late, performance.now() - begun - TIMEOUT);
    }
    await link.close();
    server.close();
  }
  return late;
}

/** Sockets that are left of a thousand connections which the peer resets. */
async function leaked(): Promise<number> {
  const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  const before = sockets();
  let isBad = false;
  let connections = 0;
  const { server, port } = await serve((request, socket) => {
    isBad = !isBad;
    if (isBad) good(request, socket);
    else socket.resetAndDestroy();
  });
  server.on('connection', () => connections++);
  const link = linkTo(port);
  const unit = link.unit(1);
  // each second request of a connection finds it reset, and is asked again on the next
  while (connections < RECONNECTS) await unit.read({ address: 0, count: REGISTERS });
  await link.close();
  server.close();
  for (let i = 0; i < 100 && sockets() > before; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return sockets() - before;
}

async function run(): Promise<readonly Row[]> {
  const { link, raw } = await added();
  const late = await latest();
  const left = await leaked();
  const name = (what: string): string => `Modbus: ${what}`;
  return [
    {
      name: name('what a read of 50 registers costs above a raw TCP exchange, p50, beside that exchange'),
      ...{ figure: link, unit: 'µs', target: 30, limit: raw, better: 'less' },
    },
    {
      name: name('the latest request after its time-out, of peers that answer wrong or not'),
      ...{ figure: late, unit: 'ms', target: 50, limit: null, better: 'less' },
    },
    {
      name: name(`sockets left of ${RECONNECTS} connections`),
      ...{ figure: left, unit: '', target: 0, limit: null, better: 'less' },
    },
  ];
}

export const bench: Bench = { name: 'modbus', run };
