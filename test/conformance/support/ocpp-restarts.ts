import { createServer } from 'node:net';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import ocppProxy from '@smx-edge/ocpp-proxy';
import { WebSocket, WebSocketServer } from 'ws';

const OPTIONS = { perMessageDeflate: false } as const;

/** A charge point that keeps each transaction message until it is answered, as over a direct connection (1.6 ed. 2 §3.7). */
class Station {
  /** Messages that were answered, in their order. */
  readonly answered: number[] = [];
  readonly faults: string[] = [];
  private next = 0;
  private sends = 0;
  private open: string | undefined;
  private ws: WebSocket | undefined;
  private isStopped = false;

  constructor(
    private readonly url: () => string,
    readonly name: string,
  ) {
    this.dial();
  }

  /** As by a loss of power, or in order. */
  restart(isAbrupt: boolean): void {
    if (isAbrupt) this.ws?.terminate();
    else if (this.ws?.readyState === WebSocket.OPEN) this.ws.close(1000);
  }

  stop(): void {
    this.isStopped = true;
    this.ws?.terminate();
  }

  private dial(): void {
    if (this.isStopped) return;
    const ws = new WebSocket(`${this.url()}/${this.name}`, ['ocpp1.6'], OPTIONS);
    this.ws = ws;
    ws.on('error', () => {});
    ws.on('open', () => this.send());
    ws.on('message', (data) => this.take((data as Buffer).toString()));
    ws.on('close', () => {
      this.open = undefined;
      setTimeout(() => this.dial(), 3);
    });
  }

  private send(): void {
    this.open = `${this.name}-${this.sends++}`;
    this.ws!.send(JSON.stringify([2, this.open, 'MeterValues', { transactionId: 1, n: this.next }]));
  }

  private take(text: string): void {
    const [type, id, { n }] = JSON.parse(text) as [number, string, { n: number }];
    if (type !== 3 || id !== this.open || n !== this.next)
      this.faults.push(`${this.name}: ${text} came for ${this.open}`);
    this.answered.push(n);
    this.next = n + 1;
    this.send();
  }
}

/** A back end that answers at once and notes what came, over its restarts. */
class Ledger {
  /** Ids of CALLs by the charge point's message, in the order of arrival. */
  readonly got: { readonly station: string; readonly n: number; readonly id: string }[] = [];
  private server: WebSocketServer | undefined;

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    const server = new WebSocketServer({ ...OPTIONS, port: this.port, host: '127.0.0.1' });
    this.server = server;
    server.on('connection', (ws, request) => {
      const station = request.url!.split('/').at(-1)!;
      ws.on('error', () => {});
      ws.on('message', (data) => {
        const [, id, , { n }] = JSON.parse((data as Buffer).toString()) as [number, string, string, { n: number }];
        this.got.push({ station, n, id });
        ws.send(JSON.stringify([3, id, { n }]));
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
  }

  /** Ends its connections, and lets them come again. */
  drop(isAbrupt: boolean): void {
    for (const ws of this.server!.clients)
      if (isAbrupt) ws.terminate();
      else ws.close(1012);
  }

  async stop(isAbrupt: boolean): Promise<void> {
    const server = this.server!;
    this.drop(isAbrupt);
    await new Promise((resolve) => server.close(resolve));
  }
}

export interface Restarts {
  readonly count: number;
  readonly random: () => number;
  /** Config of the proxy but for its addresses. */
  readonly config: object;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Restarts of proxy, back end or charge point at any moment while two charge points report; gives what was lost, doubled, out of
 * order or answered wrongly. A message may come again only where its answer did not reach the charge point, as without a proxy.
 */
export async function restarts({ count, random, config }: Restarts): Promise<{ faults: string[]; delivered: number }> {
  const port = await freePort();
  const ledger = new Ledger(await freePort());
  const start = (): Harness => runExtension(ocppProxy, { config: { ...config, listen: `ws://127.0.0.1:${port}`, backend: `ws://127.0.0.1:${ledger.port}` } as never }); // prettier-ignore
  await ledger.start();
  let proxy = start();
  const stations = ['CP1', 'CP2'].map((name) => new Station(() => `ws://127.0.0.1:${port}`, name));
  const answered = (): number => stations.reduce((sum, { answered: all }) => sum + all.length, 0);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i < count; i++) {
    // somewhere within the life of a connection: dialling, first message, many messages
    const until = answered() + below(4) * below(20);
    const late = performance.now() + below(60);
    while (answered() < until && performance.now() < late) await new Promise((resolve) => setImmediate(resolve));
    const isAbrupt = below(2) === 0;
    const what = below(8);
    if (what < 3) stations[below(2)]!.restart(isAbrupt);
    else if (what < 5) ledger.drop(isAbrupt);
    else if (what < 6) await ledger.stop(isAbrupt).then(() => ledger.start());
    else {
      await proxy.stop();
      proxy = start();
    }
  }
  const goal = stations.map(({ answered: all }) => all.length + 5);
  const late = performance.now() + 20_000;
  while (stations.some(({ answered: all }, i) => all.length < goal[i]!) && performance.now() < late) await new Promise((resolve) => setTimeout(resolve, 5)); // prettier-ignore
  for (const station of stations) station.stop();
  await proxy.stop();
  await ledger.stop(true);
  return {
    faults: stations.flatMap((station, i) => faultsOf(station, { ledger, goal: goal[i]! })),
    delivered: ledger.got.length,
  };
}

function faultsOf(station: Station, { ledger, goal }: { ledger: Ledger; goal: number }): string[] {
  const got = ledger.got.filter(({ station: name }) => name === station.name);
  const ids = got.map(({ id }) => id);
  const order = got.filter(({ n }, i) => i > 0 && n !== got[i - 1]!.n && n !== got[i - 1]!.n + 1);
  const isWhole = station.answered.every((n, i) => n === i);
  return [
    ...station.faults,
    ...(station.answered.length < goal ? [`${station.name}: nothing goes on after ${station.answered.length}`] : []),
    ...(new Set(ids).size === ids.length ? [] : [`${station.name}: a CALL came twice over one connection or another`]),
    ...order.map(({ n }) => `${station.name}: message ${n} came out of order`),
    ...(isWhole ? [] : [`${station.name}: answers are missing or doubled`]),
  ];
}
