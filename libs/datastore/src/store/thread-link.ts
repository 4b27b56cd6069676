import { describeError, SmxError, type Clock } from '@smx-edge/model';
import { Worker } from 'node:worker_threads';
import type {
  Answer,
  Left,
  Opened,
  Operation,
  Operations,
  Request,
  WireError,
  WorkerOptions,
} from '../worker/protocol.js';

/** Bounds of the thread's heap, MB: it holds no tables, only what passes through. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };

export const fromWire = ({ code, message }: WireError): SmxError => new SmxError(code, message);

interface Waiting {
  resolve(out: unknown): void;
  reject(error: SmxError): void;
}

export type Notice = Exclude<Answer, { kind: 'done' | 'failed' | 'opened' | 'refused' }>;

export interface ThreadLinkOptions {
  readonly start: Omit<WorkerOptions, 'now' | 'again'>;
  readonly clock: Clock;
  readonly onNotice: (notice: Notice) => void;
  /** The thread ended without being asked to. */
  readonly onDeath: (reason: string) => void;
}

/** Requests to the store's thread and answers from it. */
export class ThreadLink {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  /** What is asked in one go is one message: each wakes the thread. */
  private outbox: Request[] = [];
  private lastId = 0;
  private closing = false;
  private leaving = false;

  constructor(private readonly options: ThreadLinkOptions) {}

  /** Whether there is a thread to ask. */
  get isOpen(): boolean {
    return this.worker !== undefined && !this.leaving;
  }

  /**
   * Starts the thread; `again` where there was one before. Rejects with what kept the store from opening; where that is a
   * disk that is read-only at the first start, there is no thread, and what the store knows has it as its `fault`.
   */
  async open(again?: WorkerOptions['again']): Promise<Opened> {
    const { start, clock, onNotice, onDeath } = this.options;
    const workerData: WorkerOptions = { ...start, now: clock.now(), ...(again === undefined ? {} : { again }) };
    const worker = new Worker(require.resolve('@smx-edge/datastore/worker'), {
      workerData,
      resourceLimits: HEAP,
      // flags of the core, a heap limit say, are not meant for this thread
      execArgv: [],
      name: 'smx-store',
    });
    return new Promise((resolve, reject) => {
      let opened = false;
      let reason = 'it ended';
      worker.on('error', (error) => (reason = error.message));
      worker.on('messageerror', (error) => (reason = error.message));
      worker.on('exit', () => {
        const wasCurrent = this.worker === worker;
        if (wasCurrent) this.worker = undefined;
        const error = new SmxError('SMX_STORE_FAILED', `the thread of the store ended: ${reason}`);
        if (!opened) {
          reject(error);
          return;
        }
        this.failAll(error);
        if (wasCurrent && !this.closing) onDeath(reason);
      });
      const hear = (answer: Answer): void => {
        if (answer.kind === 'opened') {
          opened = true;
          this.leaving = false;
          this.worker = worker;
          resolve(answer.opened);
        } else if (answer.kind === 'refused') {
          if (answer.kept === undefined) reject(fromWire(answer.error));
          else resolve({ ...answer.kept, fault: answer.error });
        } else if (answer.kind === 'done' || answer.kind === 'failed') this.answered(answer);
        else onNotice(answer);
      };
      worker.on('message', (answers: readonly Answer[]) => {
        for (const answer of answers) hear(answer);
      });
    });
  }

  /** Asks and waits. Rejects with SMX_STORE_FAILED where the store cannot write or the thread is gone. */
  async ask<K extends Operation>(
    op: K,
    input: Operations[K]['in'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Operations[K]['out']> {
    const { worker } = this;
    if (worker === undefined || this.leaving) throw new SmxError('SMX_STORE_FAILED', 'the store is not open');
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const { clock } = this.options;
      this.outbox.push({ id, now: clock.now(), monotonic: clock.monotonic(), op, in: input } as Request);
      if (transfer.length > 0) this.post(worker, transfer);
      else if (this.outbox.length === 1) queueMicrotask(() => this.post(worker, []));
    });
  }

  /** Asks nothing more of this thread but what it has in memory. */
  leave(): Promise<Left> {
    const left = this.ask('leave', undefined);
    this.leaving = true;
    return left;
  }

  /** Has the thread write everything and end. Resolves when it is gone, rejects where not all could be written. */
  async close(): Promise<void> {
    const { worker } = this;
    this.closing = true;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    try {
      await this.ask('close', undefined);
    } finally {
      await gone;
    }
  }

  private post(worker: Worker, transfer: ArrayBuffer[]): void {
    const all = this.outbox;
    this.outbox = [];
    if (all.length === 0) return;
    try {
      worker.postMessage(all, transfer);
    } catch {
      // one that cannot be handed over must not take the others with it, nor the core
      for (const request of all) this.postAlone(worker, request, request === all.at(-1) ? transfer : []);
    }
  }

  private postAlone(worker: Worker, request: Request, transfer: ArrayBuffer[]): void {
    try {
      worker.postMessage([request], transfer);
    } catch (cause) {
      const message = `the store's thread cannot be given ${request.op}: ${describeError(cause)}`;
      this.answered({ kind: 'failed', id: request.id, error: { code: 'SMX_INTERNAL', message } });
    }
  }

  private answered(answer: Extract<Answer, { kind: 'done' | 'failed' }>): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.kind === 'done') waiting?.resolve(answer.out);
    else waiting?.reject(fromWire(answer.error));
  }

  private failAll(error: SmxError): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of all) reject(error);
  }
}
