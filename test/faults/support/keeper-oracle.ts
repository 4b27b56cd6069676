import { createHash } from 'node:crypto';
import { Store } from '@smx-edge/datastore';
import {
  BatchRanges,
  isSmxError,
  silentLog,
  VirtualClock,
  Zone,
  type EventRecord,
  type HistoryRow,
  type LaneBatch,
} from '@smx-edge/model';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fact } from './keeper.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const LANE = { principal: 'gesscon', stream: 'inst' };
const PROFILE = { device: 'd', id: 'p' };
const PAGE = 1000;

/** What the store did that it must never do; empty where it kept its word. */
export interface Verdict {
  /** ms until it was open. */
  readonly opened: number;
  readonly lost: string[];
  readonly twice: string[];
  readonly wrong: string[];
  /** The highest minute of which there is anything. */
  readonly last: number;
  /** Samples that were ingested and are not there, whether their minute was kept or refused. */
  readonly missing: number;
  /** Ledger, load profiles and files of events verify. */
  readonly areWhole: boolean;
  readonly events: readonly EventRecord[];
}

/**
 * Knows of every minute that a keeper was told is kept, and of every batch that it was handed, and looks in the store
 * whether all is there, once, and right. Of minutes that were under way there may be a part.
 */
export class KeeperOracle {
  private readonly kept = new Set<number>();
  private readonly given = new Set<number>();
  private readonly batches = new Map<number, string>();
  private flooded = 0;
  private acked = 0;
  /** Acknowledged before a minute that is kept: as durable as that minute. */
  private ackKept = 0;

  learn(facts: readonly Fact[]): void {
    // an ack of an earlier run may have died with it: only what this run said before a kept minute is as durable
    let acknowledged = 0;
    for (const { given, flood, kept, batch, hash, acked } of facts) {
      if (given !== undefined) this.given.add(given);
      this.flooded += flood ?? 0;
      if (kept !== undefined) {
        this.kept.add(kept);
        this.ackKept = Math.max(this.ackKept, acknowledged);
      }
      if (batch !== undefined) this.batches.set(batch, hash!);
      if (acked === undefined) continue;
      acknowledged = acked;
      this.acked = Math.max(this.acked, acked);
    }
  }

  get size(): number {
    return this.kept.size;
  }

  /** Opens the store of a folder, checks it and closes it. `isDamaged`: it may have to bring back what is sound first. */
  async check(dir: string, isDamaged = false): Promise<Verdict> {
    const clock = new VirtualClock(START + (Math.max(0, ...this.kept) + 1) * MINUTE);
    const begun = performance.now();
    const options = { clock, zone: new Zone('UTC'), log: silentLog };
    const store = await Store.open({ dir, ...options, flush: 1e9, budget: 1e9, raw: 1e13 });
    const opened = performance.now() - begun;
    try {
      if (isDamaged) await insist(clock, () => this.look(store, clock));
      if (isDamaged) await insist(clock, () => store.settled());
      const { lost, twice, wrong, last, count } = await insist(clock, () => this.look(store, clock));
      const { ok: areWhole } = await store.verifyLedger();
      if (!areWhole && !isDamaged) wrong.push('the chains do not verify');
      if (!isDamaged && (await this.oldestOpen(store, clock)) <= this.ackKept)
        lost.push(`ack of batch ${this.ackKept}`);
      const missing = this.given.size * Object.keys(RIGHTS).length + this.flooded - count;
      return { opened, lost, twice, wrong, last, missing, areWhole, events: await allEvents(store) };
    } finally {
      await store.close();
    }
  }

  private async look(store: Store, clock: VirtualClock): Promise<Tally> {
    const tally = new Tally(this.kept);
    await samples(store, tally);
    if (this.flooded > 0) for await (const rows of rowsOf(store, 'd/flood')) tally.count += rows.length;
    for await (const { row } of profileRows(store))
      tally.saw('profile row', (row[0] - START) / MINUTE, (n) => row[2] === `${n}.0`);
    for (const event of await allEvents(store)) if (event.code === 'MINUTE') await tallyEvent(store, event, tally);
    for await (const { principal, data } of ledger(store))
      if (principal === 'test') tally.saw('ledger entry', (data as { n: number }).n, () => true);
    tally.end(['number', 'double', 'text', 'profile row', 'event', 'ledger entry']);
    await this.checkBatches(store, tally);
    clock.advance(1);
    await store.flush();
    return tally;
  }

  /** The oldest batch that would be sent again; Infinity where there is no stream. */
  private async oldestOpen(store: Store, clock: VirtualClock): Promise<number> {
    const plan = await store.lane.lanePlan(LANE);
    if (plan === undefined) return Infinity;
    const { acked } = await store.lane.openLane(LANE, plan, { since: clock.now(), gone: [] });
    return new BatchRanges(acked).firstMissing(1);
  }

  /** What was handed out and not acknowledged comes again as it was. */
  private async checkBatches(store: Store, tally: Tally): Promise<void> {
    const seqs = [...this.batches.keys()].filter((seq) => seq > this.acked).sort((a, b) => a - b);
    if (seqs.length === 0) return;
    const found = new Map<number, string | undefined>();
    for (let from = seqs[0]!; ;) {
      const batches = await store.lane.readLane(LANE, from, 200);
      for (const batch of batches) found.set(batch.seq, 'why' in batch ? undefined : hashOf(batch));
      if (batches.length === 0) break;
      from = batches.at(-1)!.seq + 1;
    }
    for (const seq of seqs) {
      const hash = found.get(seq);
      if (hash === undefined) tally.lose(`batch ${seq}`);
      else if (hash !== this.batches.get(seq)) tally.wrong.push(`batch ${seq} has other rows`);
    }
  }
}

/** Real ms in which a store must have found itself again. */
const LONGEST_FAILURE = 20_000;

/** Does something with a store whose thread may end of damage it meets and come again. */
async function insist<T>(clock: VirtualClock, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_FAILURE;
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_STORE_FAILED' || performance.now() > end) throw error;
      clock.advance(1000);
      await pause(20);
    }
}

/** Counts what is there of each kind. */
class Tally {
  readonly lost: string[] = [];
  readonly twice: string[] = [];
  readonly wrong: string[] = [];
  last = -1;
  /** Samples. */
  count = 0;
  private readonly seen = new Map<string, Set<number>>();

  constructor(private readonly kept: ReadonlySet<number>) {}

  lose(what: string): void {
    this.lost.push(what);
  }

  saw(kind: string, n: number, isRight: (n: number) => boolean): void {
    const seen = this.seen.get(kind) ?? new Set<number>();
    this.seen.set(kind, seen);
    if (seen.has(n)) this.twice.push(`${kind} ${n}`);
    if (!Number.isInteger(n) || !isRight(n)) this.wrong.push(`${kind} ${n}`);
    seen.add(n);
    this.last = Math.max(this.last, n);
  }

  end(kinds: readonly string[]): void {
    for (const kind of kinds)
      for (const n of this.kept) if (this.seen.get(kind)?.has(n) !== true) this.lose(`${kind} ${n}`);
  }
}

const RIGHTS: Readonly<Record<string, (n: number) => unknown>> = {
  number: (n) => n / 10,
  double: (n) => Math.sin(n),
  text: (n) => `minute ${n}`,
};

async function samples(store: Store, tally: Tally): Promise<void> {
  for (const [name, right] of Object.entries(RIGHTS))
    for await (const rows of rowsOf(store, `d/${name}`)) {
      tally.count += rows.length;
      for (const [t, value] of rows) tally.saw(name, (t - START) / MINUTE, (n) => value === right(n));
    }
}

async function* rowsOf(store: Store, path: string): AsyncGenerator<readonly HistoryRow[]> {
  const handle = store.live.handleOf(path) ?? removed(store, path);
  if (handle !== undefined) yield* store.history({ handle, from: 0, to: 9e15 });
}

/** Points of an earlier run get their handle back when they are declared again. */
function removed(store: Store, path: string): number | undefined {
  const type = path === 'd/text' || path === 'd/flood' ? 'string' : 'number';
  return store.live.declare({ path, device: 'd', instance: 'i', unit: null, type, kind: 'state', maxAge: 0 });
}

async function tallyEvent(store: Store, event: EventRecord, tally: Tally): Promise<void> {
  const n = Number(event.text);
  const { files } = event;
  tally.saw('event', n, () => files.length === (n % 5 === 0 ? 1 : 0));
  for (const name of files) {
    const file = await store.eventFile(event.id, name).catch(refusal);
    // on a small disk the oldest go, and the store says so
    if (file === 'SMX_EVENT_FILE_GONE') continue;
    if (file === undefined || file === 'SMX_STORE_DAMAGED') tally.lose(`file of event ${n}`);
    else if (!Buffer.from(file.bytes).equals(Buffer.alloc(3000, n))) tally.wrong.push(`file of event ${n}`);
  }
}

/** Why a file is not given: it is not what was kept, and so lost, or it was deleted within the bound of files. */
function refusal(error: unknown): 'SMX_STORE_DAMAGED' | 'SMX_EVENT_FILE_GONE' {
  if (isSmxError(error) && (error.code === 'SMX_STORE_DAMAGED' || error.code === 'SMX_EVENT_FILE_GONE'))
    return error.code;
  throw error;
}

async function* profileRows(store: Store): AsyncGenerator<{ row: readonly [number, number, ...(string | null)[]] }> {
  if (store.profiles.find(PROFILE) === undefined) return;
  for (let from = 0; ;) {
    const page = await store.profiles.rows({ ...PROFILE, from, to: Number.MAX_SAFE_INTEGER, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    from = page.at(-1)!.row[0];
  }
}

async function allEvents(store: Store): Promise<EventRecord[]> {
  const found: EventRecord[] = [];
  for (;;) {
    const page = await store.events({ after: found.at(-1)?.id ?? 0, limit: PAGE });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

async function* ledger(store: Store): AsyncGenerator<{ principal: string; data: unknown }> {
  for (let from = 1; ;) {
    const page = await store.ledger({ from, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    from = page.at(-1)!.seq + 1;
  }
}

/** As `hashOf` of the keeper: of what a party gets, without the plan and the time of the cut. */
function hashOf(batch: LaneBatch): string {
  const content = JSON.stringify({ ...batch, seq: undefined, cut: undefined, plan: undefined });
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
