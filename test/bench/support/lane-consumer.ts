import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { inflateSync } from 'node:zlib';
import { connectAsync } from 'mqtt';

interface Taken {
  readonly e: number;
  readonly s: number;
  readonly t0: number;
  readonly t: readonly number[];
  readonly id: readonly number[];
  readonly r: readonly (readonly number[])[];
}

/** Twenty values of a house: counters, noise in the last place, and what seldom changes. */
export function valueOf(point: number, second: number): number {
  const noise = (scale: number): number => {
    let hash = Math.imul(second + 1, 0x9e3779b1) ^ Math.imul(point + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return Math.round((((hash ^ (hash >>> 13)) >>> 16) / 65_536 - 0.5) * scale);
  };
  const slow = Math.sin(second / 3600 + point);
  if (point < 3) return (2310 + Math.round(30 * slow) + noise(6)) / 10;
  if (point < 7) return Math.round(800 + 600 * slow) + noise(20);
  if (point < 10) return (350 + Math.round(200 * slow) + noise(6)) / 100;
  if (point < 14) return 1_000_000 * point + Math.floor(second / (point - 6));
  if (point < 16) return (5000 + noise(4)) / 100;
  if (point === 16) return Math.round(50 + 40 * slow);
  return point;
}

/** Stores nothing but marks: one byte per point and second says how often its value came. */
class Oracle {
  readonly marks: Uint8Array;
  wrong = 0;
  batches = 0;
  again = 0;
  bytes = 0;
  private readonly seen = new Set<number>();
  private readonly column: Map<number, number>;

  constructor(
    private readonly start: number,
    private readonly seconds: number,
    private readonly handles: readonly number[],
  ) {
    this.marks = new Uint8Array(seconds * handles.length);
    this.column = new Map(handles.map((handle, i) => [handle, i]));
  }

  take(batch: Taken, bytes: number): void {
    this.bytes += bytes;
    this.batches++;
    if (this.seen.has(batch.s)) {
      this.again++;
      return;
    }
    this.seen.add(batch.s);
    batch.r.forEach((row, i) => {
      const second = (batch.t0 + batch.t[i]! - this.start) / 1000;
      if (second >= this.seconds) return;
      row.forEach((value, k) => {
        const point = this.column.get(batch.id[k]!)!;
        this.marks[second * this.handles.length + point]!++;
        if (value !== valueOf(point, second)) this.wrong++;
      });
    });
  }

  get complete(): boolean {
    return !this.marks.includes(0);
  }

  get lost(): number {
    return this.marks.reduce((sum, mark) => (mark === 0 ? sum + 1 : sum), 0);
  }

  get twice(): number {
    return this.marks.reduce((sum, mark) => (mark > 1 ? sum + 1 : sum), 0);
  }
}

/** What came until now. */
export interface Delivered {
  readonly batches: number;
  readonly again: number;
  readonly bytes: number;
  readonly wrong: number;
  readonly complete: boolean;
  readonly lost: number;
  readonly twice: number;
}

interface Work {
  readonly job: 'lane-consumer';
  readonly port: number;
  /** Topic of the party, without its level of streams. */
  readonly base: string;
  readonly start: number;
  readonly seconds: number;
  readonly handles: readonly number[];
}

/** A consumer of batches in a thread of its own, as it is a machine of its own: what it does with them is not the box's time. */
export class LaneConsumer {
  private readonly worker: Worker;
  private waiting: ((delivered: Delivered) => void)[] = [];

  constructor(work: Omit<Work, 'job'>) {
    const own: Work = { job: 'lane-consumer', ...work };
    this.worker = new Worker(__filename, { workerData: own });
    this.worker.on('message', (delivered: Delivered) => this.waiting.shift()?.(delivered));
  }

  delivered(): Promise<Delivered> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.worker.postMessage('tell');
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

async function consume({ port, base, start, seconds, handles }: Work): Promise<void> {
  const oracle = new Oracle(start, seconds, handles);
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100 });
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => {
    const batch = JSON.parse((payload[0] === 0x78 ? inflateSync(payload) : payload).toString()) as Taken;
    oracle.take(batch, topic.length + payload.length + 6);
    client.publish(`${base}/ack/inst`, JSON.stringify({ e: batch.e, s: [[batch.s, batch.s]] }), { qos: 1 });
  });
  await client.subscribeAsync(`${base}/t/inst`, { qos: 1 });
  parentPort!.on('message', () => {
    const { batches, again, bytes, wrong, complete, lost, twice } = oracle;
    parentPort!.postMessage({ batches, again, bytes, wrong, complete, lost, twice } satisfies Delivered);
  });
}

if (!isMainThread && (workerData as Partial<Work> | null)?.job === 'lane-consumer') void consume(workerData as Work);
