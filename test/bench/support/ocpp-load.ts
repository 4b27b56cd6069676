import { WebSocket, WebSocketServer } from 'ws';

const OPTIONS = { perMessageDeflate: false, skipUTF8Validation: true, maxPayload: 1 << 20 } as const;
const ANSWER_HEAD = '[3,"';

export interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** A back end that answers each CALL at once, and charge points that call it one CALL at a time. */
export class OcppLoad {
  /** What the back end does with a message; default: it answers. */
  onMessage: (ws: WebSocket, message: Message) => void = answer;
  readonly accepted: WebSocket[] = [];

  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {
    server.on('connection', (ws) => {
      this.accepted.push(ws);
      ws.on('error', () => {});
      ws.on('message', (data, isBinary) => this.onMessage(ws, { data: data as Buffer, isBinary }));
    });
  }

  static async open(): Promise<OcppLoad> {
    const server = new WebSocketServer({ ...OPTIONS, port: 0, host: '127.0.0.1', backlog: 2048 });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    return new OcppLoad(server, `ws://127.0.0.1:${port}`);
  }

  async join(url: string, count: number, from = 0): Promise<WebSocket[]> {
    const points: WebSocket[] = [];
    for (let i = 0; i < count; i++) {
      const ws = new WebSocket(`${url}/CP${from + i}`, ['ocpp1.6'], OPTIONS);
      ws.on('error', () => {});
      await new Promise((resolve, reject) => ws.once('open', resolve).once('error', reject));
      points.push(ws);
    }
    return points;
  }

  close(): void {
    for (const ws of this.server.clients) ws.terminate();
    this.server.close();
  }
}

function answer(ws: WebSocket, { data }: Message): void {
  const id = data.toString('latin1', 4, data.indexOf(0x22, 4));
  ws.send(Buffer.from(`${ANSWER_HEAD}${id}",{}]`), { binary: false });
}

/** Times in ms of `calls` CALLs of one charge point, each after the answer to the one before. */
export async function callOneByOne(ws: WebSocket, payload: (id: number) => Buffer, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const began = performance.now();
    const answered = new Promise((resolve) => ws.once('message', resolve));
    ws.send(payload(i), { binary: false });
    await answered;
    times.push(performance.now() - began);
  }
  return times;
}
