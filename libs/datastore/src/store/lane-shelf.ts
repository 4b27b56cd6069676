import type {
  BatchRange,
  Disposable,
  LaneBatch,
  LaneHead,
  LaneName,
  LanePlan,
  LaneSource,
  PlanChange,
  RecordBatch,
  RecordHead,
} from '@smx-edge/model';
import { Listeners } from '../live/listeners.js';
import type { ThreadLink } from './thread-link.js';

export interface LaneShelfOptions {
  readonly epoch: number;
  /** ms between two syncs where no stream asks for more. */
  readonly flushEach: number;
  /** Makes durable what was ingested. */
  readonly flush: () => Promise<void>;
  /** `flush` of this shelf became shorter. */
  readonly hasten: () => void;
  /** What is asked without waiting for the answer. */
  readonly post: (asked: Promise<unknown>) => void;
}

const keyOf = ({ principal, stream }: LaneName): string => `${principal}/${stream}`;

/** The door of the store to the certain lane; see `LaneSource`. */
export class LaneShelf implements LaneSource {
  readonly epoch: number;
  private readonly listeners = new Listeners<LaneName & { readonly next: number }>();
  /** Spans of a batch by stream: no link waits for a sync longer than that. */
  private readonly batches = new Map<string, number>();

  constructor(
    private readonly link: ThreadLink,
    private readonly o: LaneShelfOptions,
  ) {
    this.epoch = o.epoch;
  }

  /** ms between two syncs. */
  get flush(): number {
    return Math.min(this.o.flushEach, ...this.batches.values());
  }

  /** Tells that batches were cut. */
  advanced(lane: LaneName & { readonly next: number }): void {
    this.listeners.call(lane);
  }

  lanes(): Promise<LaneName[]> {
    return this.link.ask('lanes', undefined);
  }

  lanePlan(lane: LaneName): Promise<LanePlan | undefined> {
    return this.link.ask('lanePlan', lane);
  }

  async openLane(lane: LaneName, plan: LanePlan, change: PlanChange): Promise<LaneHead> {
    // what the plan before gave ends with what is committed now
    await this.o.flush();
    const head = await this.link.ask('laneOpen', { lane, plan, change });
    const before = this.flush;
    this.batches.set(keyOf(lane), plan.batch);
    if (this.flush < before) this.o.hasten();
    return head;
  }

  readLane(lane: LaneName, from: number, count: number): Promise<LaneBatch[]> {
    return this.link.ask('laneRead', { lane, from, count });
  }

  openRecords(lane: LaneName): Promise<RecordHead> {
    return this.link.ask('recordsOpen', lane);
  }

  cutRecords(lane: LaneName, ids: readonly number[], after: number): Promise<RecordHead> {
    return this.link.ask('recordsCut', { lane, ids, after });
  }

  readRecords(lane: LaneName, from: number, count: number): Promise<RecordBatch[]> {
    return this.link.ask('recordsRead', { lane, from, count });
  }

  ackLane(lane: LaneName, ranges: readonly BatchRange[]): void {
    this.o.post(this.link.ask('laneAck', { lane, ranges }));
  }

  async closeLane(lane: LaneName): Promise<void> {
    await this.link.ask('laneClose', lane);
    this.batches.delete(keyOf(lane));
  }

  onLane(listener: (lane: LaneName & { readonly next: number }) => void): Disposable {
    return this.listeners.add(listener);
  }
}
