import { coversForm } from '@smx-edge/access';
import {
  describeError,
  isSmxError,
  SmxError,
  type Disposable,
  type LaneForm,
  type LaneHead,
  type LaneName,
  type LanePlan,
  type PlanChange,
} from '@smx-edge/model';
import { makeCatalogue } from '../catalogue.js';
import type { PartyView } from '../doors.js';
import type { LaneHouse } from './lane-options.js';
import { rowBytes } from './packet-room.js';

/** Changes of grants and points come in bursts; a plan is made of them after this time, ms. */
const PATIENCE = 200;
const RETRY = 5000;

export interface PlanKeeperOptions {
  readonly name: LaneName;
  readonly view: PartyView;
  readonly house: LaneHouse;
  readonly batch: number;
  /** A plan is in force. */
  readonly onHead: (head: LaneHead) => void;
}

/** Keeps the plan of a stream what the view of its principal gives. */
export class PlanKeeper {
  /** Why the plan could not be put in force; it is tried again. */
  fault: SmxError | undefined;
  /** Resolves after the first try. */
  readonly ready: Promise<void>;
  private plan: LanePlan | undefined;
  /** What its broker said last of packets, as `LanePlan.most`; without a word what the plan before has holds. */
  private room: Pick<LanePlan, 'most'> | undefined;
  /** When the view began to differ from the plan, ms UTC. */
  private since: number | undefined;
  private timer: Disposable | undefined;
  private working: Promise<void> = Promise.resolve();
  private closed = false;
  private readonly watching: Disposable;

  constructor(private readonly o: PlanKeeperOptions) {
    this.watching = o.view.onRevision(() => {
      this.since ??= o.house.clock.now();
      this.later(PATIENCE);
    });
    this.ready = this.renew();
  }

  /** Batches cut from now on are to go where payloads have at most `limit` bytes. */
  fit(limit: number): void {
    const most = rowBytes(limit);
    this.room = most === undefined ? {} : { most };
    if (this.plan !== undefined && this.plan.most !== most) void this.renew();
  }

  /** Resolves when nothing of it is on its way to the store any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.watching.dispose();
    this.timer?.dispose();
    await this.working;
  }

  private later(ms: number): void {
    if (this.closed || this.timer !== undefined) return;
    this.timer = this.o.house.clock.after(ms, () => {
      this.timer = undefined;
      void this.renew();
    });
  }

  private renew(): Promise<void> {
    this.working = this.working.then(() => this.apply());
    return this.working;
  }

  private async apply(): Promise<void> {
    const { name, house, onHead } = this.o;
    if (this.closed) return;
    try {
      this.plan ??= await house.store.lane.lanePlan(name);
      const before = this.plan;
      const plan = this.wanted();
      // who never had a point has no stream
      if (before === undefined && plan.forms.length === 0) return;
      const gone = before?.forms.filter((form) => this.isGone(form)).map(({ handle }) => handle) ?? [];
      const since = this.since ?? house.clock.now();
      this.since = undefined;
      const head = await this.open(plan, { since, gone });
      this.plan = plan;
      this.fault = undefined;
      onHead(head);
    } catch (error) {
      this.fault = isSmxError(error) ? error : new SmxError('SMX_INTERNAL', describeError(error));
      house.log.warn('a stream could not be opened; it is tried again', {
        ...name,
        error: describeError(error),
      });
      this.later(RETRY);
    }
  }

  private async open(plan: LanePlan, change: PlanChange): Promise<LaneHead> {
    const { name, house } = this.o;
    try {
      return await house.store.lane.openLane(name, plan, change);
    } catch (error) {
      this.since = Math.min(change.since, this.since ?? Infinity);
      throw error;
    }
  }

  private wanted(): LanePlan {
    const { view, batch } = this.o;
    const { hash, points } = makeCatalogue(view);
    const forms = points.flatMap(({ handle }) => view.laneForm(handle) ?? []);
    const { most } = this.room ?? this.plan ?? {};
    return { cat: hash, batch, ...(most === undefined ? {} : { most }), forms };
  }

  private isGone(before: LaneForm): boolean {
    const { view } = this.o;
    const now = view.laneForm(before.handle);
    if (now === undefined) return !view.resumes(before.handle);
    return !coversForm(now, before);
  }
}
