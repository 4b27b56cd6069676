import { Chores } from './chores.js';
import { HistoryDamage, isDamage } from '../database/database.js';
import { RowDamage } from '../database/row-sum.js';
import { isDatabaseRequest } from './database-requests.js';
import { Departure, endsThread } from './departure.js';
import { DiskCare } from './disk-care.js';
import { Faults, type FaultSource } from './faults.js';
import type { Answer, Request, WireError } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';
import { Turn } from './turn.js';
import { verifyEvidence } from './verify-job.js';

const SAMPLES_WAIT: WireError = {
  code: 'SMX_STORE_FAILED',
  message: 'samples wait for their points, which are not in the database yet; they are written once these are',
};

type OtherRequest = Exclude<Request, { op: 'close' }>;

/**
 * Works through requests in turns: what came together is one turn. First the database in one transaction, then the
 * journal, then reads of history; so a request sees what was asked before it. Sealing and thinning go on between turns.
 */
export class Dispatch {
  private waiting: Request[] = [];
  private readonly faults: Faults;
  private readonly disk: DiskCare;
  private readonly turn: Turn;
  private readonly chores: Chores;
  /** By the store's clock, at the last request. */
  private now = 0;
  private ending = false;
  private departure: Departure | undefined;

  constructor(
    private readonly store: StoreThread,
    private readonly options: { readonly tell: (answer: Answer) => void; readonly ended: () => void },
  ) {
    this.faults = new Faults({
      tell: (error) => options.tell({ kind: 'fault', error }),
      explain: (error) => this.disk.explain(error),
      meet: (error, source) => {
        if (endsThread(error)) this.letGo(error);
        else this.disk.relieve(error, source);
      },
    });
    this.disk = new DiskCare(store, this.faults);
    this.turn = new Turn(store, {
      ...{ faults: this.faults, tell: options.tell },
      isDamage: (error) => this.suspect(error, 'store'),
    });
    this.chores = new Chores({
      next: () => this.store.chore(this.now),
      done: () => this.choreDone(),
      failed: (error) => this.choreDone(error),
    });
  }

  /** Gives a request to the next turn. */
  take(request: Request): void {
    // the port hands over everything that waits before the loop comes to its check phase
    if (this.waiting.push(request) === 1) setImmediate(() => this.run());
  }

  private run(): void {
    // what comes while the thread ends is failed by whoever asked
    if (this.ending && this.departure === undefined) return;
    const requests = this.waiting;
    this.waiting = [];
    const { now } = requests.at(-1)!;
    this.now = now;
    const { store, turn } = this;
    if (this.departure === undefined) this.guard('folder', () => store.watch.look());
    if (this.departure === undefined) {
      const database = requests.filter(isDatabaseRequest);
      // retries come with the tick of the store
      if (database.length > 0 || store.hasNews(now) || this.faults.has('database') || turn.pointsWait)
        turn.run(database, now);
      this.others(
        requests.filter((request) => !isDatabaseRequest(request)),
        now,
      );
    } else this.others(requests, now);
  }

  /** What is not of the database, in order; then what came of it. Damage met on the way ends it. */
  private others(requests: readonly Request[], now: number): void {
    const { store, turn } = this;
    store.journal.blocked = turn.pointsWait || this.departure !== undefined;
    for (const request of requests)
      if (this.departure !== undefined) this.departure.take(request);
      else if (this.ending) return;
      else if (request.op !== 'close') this.other(request);
    if (this.ending) return;
    if (store.hasGaps || store.lanes.isDue(now)) turn.run([], now);
    const end = requests.find(({ op }) => op === 'close');
    if (end !== undefined) this.end(end);
  }

  /** Ends the thread without writing: the next one opens what is there then. */
  private letGo(why: WireError): void {
    if (this.ending) return;
    this.ending = true;
    this.chores.stop();
    const { tell, ended } = this.options;
    this.departure = new Departure(this.store, { why, tell, ended });
  }

  private other(request: OtherRequest): void {
    const { id, now } = request;
    const { journal, jobs } = this.store;
    switch (request.op) {
      case 'samples':
        this.guard('journal', () => journal.append(Buffer.from(request.in.record.buffer), request.in.range, now));
        this.done(id, undefined);
        return;
      case 'tick':
        this.guard('journal', () => journal.tick(now));
        this.disk.keepReserve();
        this.tellUsage();
        this.chores.wake();
        this.done(id, undefined);
        return;
      case 'settle':
        this.chores.settled(() => this.done(id, undefined));
        return;
      case 'sync': {
        const error = this.guard('journal', () => this.store.sync(now, request.in));
        this.cut();
        if (error !== undefined) this.options.tell({ kind: 'failed', id, error: wireError(error) });
        // samples of points that are not in the database yet wait for them
        else if (journal.waiting) this.options.tell({ kind: 'failed', id, error: this.faults.first ?? SAMPLES_WAIT });
        else this.done(id, undefined);
        return;
      }
      case 'gap':
        this.store.addGap(request.in);
        this.done(id, undefined);
        return;
      case 'lanes':
        this.done(id, this.store.lanes.names());
        return;
      case 'lanePlan':
        this.done(id, this.store.lanes.plan(request.in));
        return;
      case 'laneRead':
        this.answer(id, () => this.store.lanes.read(request.in.lane, request.in.from, request.in.count));
        return;
      case 'laneAck':
        this.store.lanes.ack(request.in.lane, request.in.ranges);
        this.done(id, undefined);
        return;
      case 'stage':
        this.reply(
          id,
          this.chores.pause(() => this.store.stage(request.in.secrets, now)),
        );
        return;
      case 'erase':
        this.erase(request);
        return;
      case 'historyOpen':
        this.answer(id, () => jobs.open(request.in, now));
        return;
      case 'historyClose':
        this.answer(id, () => jobs.close(request.in));
        return;
      case 'historyNext':
        this.reply(id, jobs.next(request.in), (error) => void this.suspect(error));
        return;
      case 'verifyLedger':
        // what is on its way back would be missed
        if (this.store.isSalvaging) this.chores.settled(() => this.verify(id, now));
        else this.verify(id, now);
        return;
      default:
        return;
    }
  }

  private tellUsage(): void {
    const usage = this.store.usage();
    if (usage !== undefined) this.options.tell({ kind: 'usage', usage });
    if (this.store.hasNews(this.now)) this.turn.run([], this.now);
  }

  /** What a chore found missing is told; what it failed of is a fault until one goes well. */
  private choreDone(error?: unknown): void {
    if (this.suspect(error)) return;
    if (error === undefined) this.faults.clear('history');
    else this.faults.raise('history', wireError(error));
    if (this.store.hasGaps) this.turn.run([], this.now);
  }

  /** Runs what may fail of the disk: a failure is a fault, a success ends one. */
  private guard(source: FaultSource, work: () => void): unknown {
    try {
      work();
      if (!this.store.journal.waiting) this.faults.clear(source);
      return undefined;
    } catch (error) {
      if (!this.suspect(error)) this.faults.raise(source, wireError(error));
      return error;
    }
  }

  /** Cuts batches of what is committed now. */
  private cut(): void {
    try {
      const lanes = this.store.lanes.advance();
      if (lanes.length > 0) this.options.tell({ kind: 'lanes', lanes });
    } catch (error) {
      // tried again after the next sync
      if (this.suspect(error, 'store')) return;
      this.faults.raise('journal', wireError(error));
    }
  }

  private answer(id: number, work: () => unknown): void {
    try {
      this.done(id, work());
    } catch (error) {
      this.options.tell({ kind: 'failed', id, error: wireError(error) });
      this.suspect(error, 'store');
    }
  }

  private verify(id: number, now: number): void {
    this.reply(id, verifyEvidence(this.store.evidence, now), (error) => void this.suspect(error, 'store'));
  }

  private reply(id: number, answer: Promise<unknown>, failed?: (error: unknown) => void): void {
    answer.then(
      (out) => this.done(id, out),
      (error: unknown) => {
        this.options.tell({ kind: 'failed', id, error: wireError(error) });
        failed?.(error);
      },
    );
  }

  /**
   * Damage met in use: what is journalled is safe, and the thread that takes this one's place begins with another file.
   * `met` is where it was, if the error does not say. Tells whether it was damage.
   */
  private suspect(error: unknown, met: 'store' | 'history' = 'history'): boolean {
    if (!isDamage(error)) return false;
    if (this.ending) return true;
    this.ending = true;
    this.chores.stop();
    const file = error instanceof HistoryDamage ? 'history' : error instanceof RowDamage ? 'store' : met;
    this.store.suspect(file);
    try {
      this.store.close(this.now);
    } catch (closing) {
      // samples that could not be written are told by the next thread; the damage is what there is to say
      this.faults.raise('database', wireError(closing));
    } finally {
      this.options.ended();
    }
    return true;
  }

  private erase({ id, now, in: { match, before } }: Extract<Request, { op: 'erase' }>): void {
    const handles = this.store.catalogue.matching(match);
    const erased = { samples: 0, windows: 0 };
    try {
      this.store.eraseStreams(handles, before);
      this.chores.run(this.store.historian.erase(handles, before, { now, erased }), (error) => {
        if (error === undefined) this.answer(id, () => this.store.eraseRest(erased, handles.size));
        else this.options.tell({ kind: 'failed', id, error: wireError(error) });
      });
    } catch (error) {
      this.options.tell({ kind: 'failed', id, error: wireError(error) });
    }
  }

  private done(id: number, out: unknown): void {
    this.options.tell({ kind: 'done', id, out });
  }

  /** A seal that the disk refuses comes with the next start. */
  private seal(now: number): void {
    try {
      this.turn.seal(now);
    } catch (error) {
      this.faults.raise('database', wireError(error));
    }
  }

  private end({ id, now }: Request): void {
    if (this.ending) return;
    this.ending = true;
    this.chores.stop();
    try {
      this.seal(now);
      this.store.close(now);
      this.done(id, undefined);
    } catch (error) {
      this.options.tell({ kind: 'failed', id, error: wireError(error) });
    }
    this.options.ended();
  }
}
