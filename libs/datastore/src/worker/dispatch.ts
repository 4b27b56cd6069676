import { Chores } from './chores.js';
import { isDatabaseRequest } from './database-requests.js';
import { endsThread } from './departure.js';
import { DiskCare } from './disk-care.js';
import { Ending } from './ending.js';
import { Faults, type FaultSource } from './faults.js';
import { OtherRequests } from './other-requests.js';
import type { Answer, Request } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';
import { Turn } from './turn.js';

/**
 * Works through requests in turns: what came together is one turn. First the database in one transaction, then the
 * journal, then reads of history; so a request sees what was asked before it. Sealing and thinning go on between turns.
 */
export class Dispatch {
  private waiting: Request[] = [];
  private readonly faults: Faults;
  private readonly turn: Turn;
  private readonly chores: Chores;
  private readonly ending: Ending;
  private readonly rest: OtherRequests;
  /** By the store's clock, at the last request. */
  private now = 0;

  constructor(
    private readonly store: StoreThread,
    { tell, ended }: { readonly tell: (...answers: readonly Answer[]) => void; readonly ended: () => void },
  ) {
    const faults: Faults = (this.faults = new Faults({
      tell: (error) => tell({ kind: 'fault', error }),
      explain: (error) => disk.explain(error),
      meet: (error, source) => {
        if (endsThread(error)) this.ending.letGo(error);
        else disk.relieve(error, source);
      },
    }));
    const disk: DiskCare = new DiskCare(store, faults);
    const ending = (this.ending = new Ending(store, {
      ...{ faults, tell, ended },
      now: () => this.now,
      stopChores: () => this.chores.stop(),
      seal: (now) => this.turn.seal(now),
    }));
    const turn = (this.turn = new Turn(store, {
      ...{ faults, tell },
      isDamage: (error) => ending.suspect(error, 'store'),
    }));
    const chores = (this.chores = new Chores({
      next: () => store.chore(this.now),
      done: () => this.choreDone(),
      failed: (error) => this.choreDone(error),
    }));
    const guard = (source: FaultSource, work: () => void): unknown => this.guard(source, work);
    this.rest = new OtherRequests(store, { faults, disk, turn, chores, ending, tell, guard });
  }

  /** Gives a request to the next turn. */
  take(request: Request): void {
    // the port hands over everything that waits before the loop comes to its check phase
    if (this.waiting.push(request) === 1) setImmediate(() => this.run());
  }

  private run(): void {
    const { ending, store, turn } = this;
    // what comes while the thread ends is failed by whoever asked
    if (ending.hasBegun && ending.departure === undefined) return;
    const requests = this.waiting;
    this.waiting = [];
    const { now, monotonic } = requests.at(-1)!;
    this.now = now;
    store.clock.look(now, monotonic);
    if (ending.departure === undefined) this.guard('folder', () => store.watch.look());
    if (ending.departure === undefined) {
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
    const { ending, store, turn } = this;
    store.journal.blocked = turn.pointsWait || ending.departure !== undefined;
    for (const request of requests)
      if (ending.departure !== undefined) ending.departure.take(request);
      else if (ending.hasBegun) return;
      else if (request.op !== 'close' && !isDatabaseRequest(request)) this.rest.answer(request);
    if (ending.hasBegun) return;
    if (store.hasGaps || store.lanes.isDue(now)) turn.run([], now);
    const end = requests.find(({ op }) => op === 'close');
    if (end !== undefined) ending.close(end);
  }

  /** What a chore found missing is told; what it failed of is a fault until one goes well. */
  private choreDone(error?: unknown): void {
    if (this.ending.suspect(error)) return;
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
      if (!this.ending.suspect(error)) this.faults.raise(source, wireError(error));
      return error;
    }
  }
}
