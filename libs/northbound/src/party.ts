import type { Clock, Disposable, Log } from '@smx-edge/model';
import { makeCatalogue, type Catalogue } from './catalogue.js';
import type { Ledger, PartyView } from './doors.js';
import { NowBoard } from './now-board.js';
import { SendBudget, TokenBucket } from './send-budget.js';
import type { Session } from './session.js';
import { type Tree, type TreeKind } from './topics.js';

/** `now` messages in any second (contracts §5). The span is a little longer, as clocks at both ends are not one. */
const NOW_PER_SECOND = 20;
const NOW_SPAN = 1005;
/** Disclosures are summed over this time in the ledger (architecture §5.4). */
const DISCLOSURE_SPAN = 15 * 60_000;
/** Requests of a party (contracts §4). */
const REQUEST_RATE = 1;
const REQUEST_BURST = 10;
/** Least ms between two looks at the catalogue, so that a house that declares its points one by one costs few. */
const CATALOGUE_GAP = 50;

/** Who takes the messages of a party: a client of the local broker, or a link. */
export interface Outlet {
  wants(kind: TreeKind): boolean;
  /** Marks a topic as changed; it is sent at the next `pump`. */
  offer(kind: TreeKind, retained?: boolean): void;
  pump(): void;
  /** Empties topics. */
  clear(kinds: readonly TreeKind[]): void;
  /** Some points are no longer granted. */
  lost?(): void;
}

export interface PartyOptions {
  readonly name: string;
  readonly tree: Tree;
  readonly view: PartyView;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly log: Log;
  /** The `state` message for a catalogue hash. */
  readonly state: (hash: string) => Buffer;
  /** Least ms between two `now`; default the budget of the local broker. */
  readonly now?: number;
  /** By which door it is served, for the ledger. */
  readonly via?: 'mqtt' | 'link';
}

/**
 * One party as long as it has clients: keeps its catalogue and `now` up to date from its view and hands them to its
 * sessions. A party without clients costs nothing and keeps nothing that could go stale.
 */
export class Party<O extends Outlet = Session> {
  readonly sessions = new Set<O>();
  private readonly board: NowBoard;
  private readonly budget: SendBudget;
  private readonly requests: TokenBucket;
  private readonly owned: Disposable[];
  private catalogue: Catalogue;
  private catalogueDue = false;
  private catalogueAt = -Infinity;
  private catalogueTimer: Disposable | undefined;
  private changed = false;
  private immediate: NodeJS.Immediate | undefined;
  private timer: Disposable | undefined;
  private disclosed = 0;
  private disclosing: Disposable | undefined;

  constructor(private readonly o: PartyOptions) {
    const { view, clock } = o;
    this.budget = o.now === undefined ? new SendBudget(NOW_PER_SECOND, NOW_SPAN) : new SendBudget(1, o.now);
    this.board = new NowBoard((handle) => view.reading(handle));
    this.requests = new TokenBucket(REQUEST_RATE, REQUEST_BURST, clock.monotonic());
    this.catalogue = makeCatalogue(view);
    this.board.reset(this.catalogue.points);
    this.owned = [
      view.subscribe((handles, n) => {
        if (!this.board.mark(handles, n)) return;
        this.changed = true;
        this.schedule();
      }),
      view.onRevision(() => this.revise()),
    ];
  }

  get name(): string {
    return this.o.name;
  }

  get tree(): Tree {
    return this.o.tree;
  }

  get view(): PartyView {
    return this.o.view;
  }

  /** Points of `now`. */
  get size(): number {
    return this.board.size;
  }

  /** By which other messages name the catalogue. */
  get hash(): string {
    return this.catalogue.hash;
  }

  /** The newest message of a topic, undefined where there is none: a party that may read nothing has no `now`. */
  message(kind: TreeKind): Buffer | undefined {
    if (kind === 'state') return this.o.state(this.catalogue.hash);
    if (kind === 'cat') return this.catalogue.payload;
    if (this.board.size === 0) return undefined;
    this.disclosed++;
    this.disclosing ??= this.o.clock.after(DISCLOSURE_SPAN, () => this.disclose());
    return this.board.payload(this.o.clock.now());
  }

  /** Gives a new subscription the current `state`, `cat` and `now`, as far as it matches them. */
  snapshot(session: O, kinds: readonly TreeKind[]): void {
    if (this.catalogueDue) this.refresh();
    for (const kind of kinds) session.offer(kind, true);
    if (kinds.includes('now')) this.budget.take(this.o.clock.monotonic());
    session.pump();
  }

  /** Looks at catalogue and grants again, soon. */
  revise(): void {
    if (this.catalogueDue) return;
    this.catalogueDue = true;
    const wait = this.catalogueAt + CATALOGUE_GAP - this.o.clock.monotonic();
    if (wait <= 0) this.schedule();
    else
      this.catalogueTimer = this.o.clock.after(wait, () => {
        // timers may come a little early
        this.catalogueAt = -Infinity;
        this.schedule();
      });
  }

  /** Whether the party may make one more request now. */
  mayRequest(): boolean {
    return this.requests.take(this.o.clock.monotonic());
  }

  offerAll(kind: TreeKind): void {
    for (const session of this.sessions) session.offer(kind);
    for (const session of this.sessions) session.pump();
  }

  close(): void {
    for (const item of this.owned) item.dispose();
    if (this.immediate !== undefined) clearImmediate(this.immediate);
    this.timer?.dispose();
    this.catalogueTimer?.dispose();
    this.disclose();
  }

  private schedule(): void {
    if (this.immediate !== undefined) return;
    // what ends a grant does not wait for the budget of `now`
    const wait = this.catalogueReady() ? 0 : this.budget.wait(this.o.clock.monotonic());
    // the check phase of this turn of the loop: all that came in with one poll goes out as one message
    if (wait === 0) this.immediate = setImmediate(() => this.run());
    else this.timer ??= this.o.clock.after(wait, () => this.run());
  }

  private run(): void {
    if (this.immediate !== undefined) clearImmediate(this.immediate);
    this.immediate = undefined;
    this.timer?.dispose();
    this.timer = undefined;
    // a point that lost its grant reads as null until then
    if (this.catalogueReady()) this.refresh();
    if (this.changed) this.sendNow();
    for (const session of this.sessions) session.pump();
  }

  private catalogueReady(): boolean {
    return this.catalogueDue && this.o.clock.monotonic() - this.catalogueAt >= CATALOGUE_GAP;
  }

  private sendNow(): void {
    if (this.budget.wait(this.o.clock.monotonic()) > 0) {
      this.schedule();
      return;
    }
    this.changed = false;
    let wanted = false;
    for (const session of this.sessions) {
      if (!session.wants('now')) continue;
      session.offer('now');
      wanted = true;
    }
    if (wanted) this.budget.take(this.o.clock.monotonic());
  }

  private refresh(): void {
    this.catalogueDue = false;
    this.catalogueTimer?.dispose();
    this.catalogueAt = this.o.clock.monotonic();
    const before = this.catalogue;
    this.catalogue = makeCatalogue(this.o.view);
    if (this.catalogue.payload.equals(before.payload)) return;
    if (this.catalogue.hash !== before.hash) {
      this.board.reset(this.catalogue.points);
      this.changed = this.board.size > 0;
      // the last granted point is gone: its topic is emptied, as on any broker
      if (this.board.size === 0 && before.points.length > 0)
        for (const session of this.sessions) session.clear(['now']);
      const left = new Set(this.catalogue.points.map(({ handle }) => handle));
      if (before.points.some(({ handle }) => !left.has(handle))) for (const session of this.sessions) session.lost?.();
      this.o.log.debug('catalogue of a party changed', { party: this.name, points: this.board.size });
    }
    for (const session of this.sessions) {
      if (this.catalogue.hash !== before.hash) session.offer('state');
      session.offer('cat');
    }
  }

  private disclose(): void {
    this.disclosing?.dispose();
    this.disclosing = undefined;
    if (this.disclosed === 0) return;
    const data = { via: this.o.via ?? 'mqtt', now: this.disclosed, points: this.board.size, cat: this.catalogue.hash };
    this.disclosed = 0;
    this.o.ledger.append({ t: this.o.clock.now(), kind: 'disclosure', principal: this.name, data });
  }
}
