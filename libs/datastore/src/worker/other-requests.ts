import type { Chores } from './chores.js';
import type { DatabaseRequest } from './database-requests.js';
import type { DiskCare } from './disk-care.js';
import type { Ending } from './ending.js';
import type { Faults, FaultSource } from './faults.js';
import type { Answer, Request, WireError } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';
import type { Turn } from './turn.js';
import { verifyEvidence } from './verify-job.js';

const SAMPLES_WAIT: WireError = {
  code: 'SMX_STORE_FAILED',
  message: 'samples wait for their points, which are not in the database yet; they are written once these are',
};

type OtherRequest = Exclude<Request, DatabaseRequest | { op: 'close' }>;

export interface OtherRequestsOptions {
  readonly faults: Faults;
  readonly disk: DiskCare;
  readonly turn: Turn;
  readonly chores: Chores;
  readonly ending: Ending;
  readonly tell: (answer: Answer) => void;
  /** Runs what may fail of the disk; gives what went wrong. */
  readonly guard: (source: FaultSource, work: () => void) => unknown;
}

/** Requests that are not of the transaction of a turn: samples, batches of streams, reads of history, and long jobs. */
export class OtherRequests {
  constructor(
    private readonly store: StoreThread,
    private readonly o: OtherRequestsOptions,
  ) {}

  answer(request: OtherRequest): void {
    const { id, now } = request;
    const { journal, jobs, lanes } = this.store;
    const { chores, guard } = this.o;
    switch (request.op) {
      case 'samples':
        guard('journal', () => journal.append(Buffer.from(request.in.record.buffer), request.in.range, now));
        this.done(id, undefined);
        return;
      case 'tick':
        guard('journal', () => journal.tick(now));
        this.o.disk.keepReserve();
        this.tellUsage(now);
        chores.wake();
        this.done(id, undefined);
        return;
      case 'settle':
        chores.settled(() => this.done(id, undefined));
        return;
      case 'sync':
        this.sync(request);
        return;
      case 'gap':
        this.store.addGap(request.in);
        this.done(id, undefined);
        return;
      case 'lanes':
        this.done(id, lanes.names());
        return;
      case 'lanePlan':
        this.done(id, lanes.plan(request.in));
        return;
      case 'laneRead':
        this.work(id, () => lanes.read(request.in.lane, request.in.from, request.in.count));
        return;
      case 'laneAck':
        lanes.ack(request.in.lane, request.in.ranges);
        this.done(id, undefined);
        return;
      case 'stage':
        this.reply(
          id,
          chores.pause(() => this.store.stage(request.in.secrets, now)),
        );
        return;
      case 'erase':
        this.erase(request);
        return;
      case 'historyOpen':
        this.work(id, () => jobs.open(request.in, now));
        return;
      case 'historyClose':
        this.work(id, () => jobs.close(request.in));
        return;
      case 'historyNext':
        this.reply(id, jobs.next(request.in), (error) => void this.o.ending.suspect(error));
        return;
      case 'verifyLedger':
        // what is on its way back would be missed
        if (this.store.isSalvaging) chores.settled(() => this.verify(id, now));
        else this.verify(id, now);
        return;
      default:
        return;
    }
  }

  private sync({ id, now, in: wanted }: Extract<Request, { op: 'sync' }>): void {
    const { faults, guard } = this.o;
    const error = guard('journal', () => this.store.sync(now, wanted));
    this.cut();
    if (error !== undefined) this.failed(id, error);
    // samples of points that are not in the database yet wait for them
    else if (this.store.journal.waiting) this.o.tell({ kind: 'failed', id, error: faults.first ?? SAMPLES_WAIT });
    else this.done(id, undefined);
  }

  /** Cuts batches of what is committed now. */
  private cut(): void {
    try {
      const lanes = this.store.lanes.advance();
      if (lanes.length > 0) this.o.tell({ kind: 'lanes', lanes });
    } catch (error) {
      // tried again after the next sync
      if (this.o.ending.suspect(error, 'store')) return;
      this.o.faults.raise('journal', wireError(error));
    }
  }

  private tellUsage(now: number): void {
    const usage = this.store.usage();
    if (usage !== undefined) this.o.tell({ kind: 'usage', usage });
    if (this.store.hasNews(now)) this.o.turn.run([], now);
  }

  private erase({ id, now, in: { match, before } }: Extract<Request, { op: 'erase' }>): void {
    const handles = this.store.catalogue.matching(match);
    const erased = { samples: 0, windows: 0 };
    try {
      this.store.eraseStreams(handles, before);
      this.o.chores.run(this.store.historian.erase(handles, before, { now, erased }), (error) => {
        if (error === undefined) this.work(id, () => this.store.eraseRest(erased, handles.size));
        else this.failed(id, error);
      });
    } catch (error) {
      this.failed(id, error);
    }
  }

  private verify(id: number, now: number): void {
    const job = verifyEvidence(this.store.evidence, now);
    this.reply(id, job, (error) => void this.o.ending.suspect(error, 'store'));
  }

  private work(id: number, work: () => unknown): void {
    try {
      this.done(id, work());
    } catch (error) {
      this.failed(id, error);
      this.o.ending.suspect(error, 'store');
    }
  }

  private reply(id: number, answer: Promise<unknown>, failed?: (error: unknown) => void): void {
    answer.then(
      (out) => this.done(id, out),
      (error: unknown) => {
        this.failed(id, error);
        failed?.(error);
      },
    );
  }

  private done(id: number, out: unknown): void {
    this.o.tell({ kind: 'done', id, out });
  }

  private failed(id: number, error: unknown): void {
    this.o.tell({ kind: 'failed', id, error: wireError(error) });
  }
}
