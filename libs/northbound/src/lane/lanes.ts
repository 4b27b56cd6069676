import {
  describeError,
  type BatchRange,
  type Disposable,
  type LaneName,
  type Zone,
  type Clock,
  type Log,
} from '@smx-edge/model';
import type { PartyGate } from '../doors.js';
import type { DownMessage } from '../down-message.js';
import type { LaneOptions, LaneStatus, LaneStore } from './lane-options.js';
import { recordKinds, type RecordKinds } from './record-kinds.js';
import { Requests } from './requests.js';
import { Streams } from './streams.js';
import { Turns } from './turns.js';

export interface LanesOptions {
  readonly store: LaneStore;
  readonly gate: PartyGate;
  readonly zone: Zone;
  readonly clock: Clock;
  readonly log: Log;
  /** What a batch spans on the local broker, and on links that do not say, ms. */
  readonly batch: number;
  /** Whether it cannot be known now what a principal is granted: its streams stay as they are until it can. */
  readonly paused?: (principal: string) => boolean;
  /** Jitter, in [0, 1). */
  readonly random?: () => number;
  /** Batches of a backlog per second and party. */
  readonly backlogRate?: number;
}

/** The certain lane of the box: the streams of all its parties, whether they are there or not. */
export class Lanes {
  private readonly open = new Map<string, Streams>();
  private readonly openings = new Set<(principal: string) => void>();
  private readonly requests: Requests;
  private readonly kinds: RecordKinds;
  private readonly turns = new Turns();
  private readonly owned: Disposable;

  constructor(private readonly o: LanesOptions) {
    const { clock, log, gate, zone, store } = o;
    this.kinds = recordKinds(store);
    this.requests = new Requests({
      ...{ clock, log, zone, epoch: store.lane.epoch, view: (principal) => gate.view(principal) },
      streams: (principal) => this.open.get(principal),
    });
    this.owned = o.store.lane.onLane(({ principal, stream, next }) =>
      this.open.get(principal)?.lane(stream)?.advanced(next),
    );
  }

  /** The streams of a principal, begun where it never had them; undefined where the gate does not know it. */
  of(principal: string, options: Partial<LaneOptions> = {}): Streams | undefined {
    const known = this.open.get(principal);
    const view = this.o.gate.view(principal);
    if (known !== undefined || view === undefined || this.o.paused?.(principal) === true) return known;
    const { batch, random = Math.random } = this.o;
    const onOpen = (name: string): void => {
      for (const listener of this.openings) listener(name);
    };
    const own: LaneOptions = { batch, ack: 'consumer', order: 'oldest-first', ...options };
    const streams = new Streams(principal, {
      view,
      options: own,
      house: { ...this.o, random, onOpen, turns: this.turns },
      kinds: this.kinds,
    });
    this.open.set(principal, streams);
    return streams;
  }

  /** The streams of a principal, undefined where it has none. */
  known(principal: string): Streams | undefined {
    return this.open.get(principal);
  }

  /** Goes on with the streams that local principals began earlier; `kept`: links, which begin their own. */
  async resume(kept: readonly string[]): Promise<void> {
    let names: LaneName[] = [];
    try {
      names = await this.o.store.lane.lanes();
    } catch (error) {
      this.o.log.warn('streams of earlier are not known', { error: describeError(error) });
    }
    for (const principal of new Set(names.map((name) => name.principal)))
      if (!kept.includes(principal) && this.o.paused?.(principal) !== true && this.of(principal) === undefined)
        await this.end(principal);
  }

  /** A principal is no more: its streams end, and their numbers are never given again. */
  async end(principal: string): Promise<void> {
    const streams = this.open.get(principal);
    this.open.delete(principal);
    await streams?.close();
    const { store, log } = this.o;
    try {
      for (const name of await store.lane.lanes()) if (name.principal === principal) await store.lane.closeLane(name);
    } catch (error) {
      log.warn('a stream could not be ended; it ends at the next start', { principal, error: describeError(error) });
    }
  }

  /** [oldest, next] by stream, for `state`. */
  heads(principal: string): Readonly<Record<string, BatchRange>> {
    return this.open.get(principal)?.head ?? {};
  }

  /** Called when the heads of a principal have one stream more. */
  onOpen(listener: (principal: string) => void): Disposable {
    this.openings.add(listener);
    return { dispose: () => void this.openings.delete(listener) };
  }

  /** Answers a request of a party. */
  answer(message: DownMessage): void {
    this.requests.take(message);
  }

  /** Takes an ack of a party. */
  take({ principal, stream, body }: DownMessage): void {
    this.open.get(principal)?.lane(stream)?.take(body);
  }

  /** Counts an ack of a party that is no JSON object. */
  refuse(principal: string, stream: string | undefined): void {
    this.open.get(principal)?.lane(stream)?.refuse();
  }

  status(principal: string): LaneStatus[] {
    return this.open.get(principal)?.status() ?? [];
  }

  /** All streams by party. */
  list(): { readonly party: string; readonly streams: readonly LaneStatus[] }[] {
    return [...this.open].map(([party, streams]) => ({ party, streams: streams.status() }));
  }

  async close(): Promise<void> {
    this.owned.dispose();
    await Promise.all([...this.open.values()].map((streams) => streams.close()));
  }
}
