import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';
import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import { keyOf } from '../kept/key.js';
import type { Circuit, CircuitListener } from '../relay/circuit.js';
import type { Dial } from '../relay/far-side.js';
import type { WireFrame } from '../relay/wire.js';
import { KeptBudget, KeptQueue } from './kept-queue.js';
import type { Ordered } from './mirror-calls.js';
import { MirrorLink } from './mirror-link.js';
import { MirrorMemory } from './mirror-queue.js';
import type { MirrorSettings } from './mirror-settings.js';

export interface MirrorsOptions {
  readonly mirrors: readonly MirrorSettings[];
  /** How a mirror is dialled. */
  readonly dialOf: (mirror: MirrorSettings) => Dial;
  readonly state: InstanceState;
  readonly log: Log;
  readonly ordered: Ordered;
  /** 0 … 1. */
  readonly random?: () => number;
  /** ms that a mirror has for an answer. */
  readonly answerWithin?: number;
}

/** Identities whose mirrors are remembered while they are not connected. */
const MOST_STATIONS = 256;
const ANSWER_WITHIN = 30_000;

/** Secondary back ends: each gets a copy of what charge points ask, after it was passed on, and delays nobody. */
export class Mirrors implements CircuitListener {
  private readonly byIdentity = new Map<string, readonly MirrorLink[]>();
  private readonly budget = new KeptBudget();
  private readonly memory = new MirrorMemory();

  constructor(private readonly o: MirrorsOptions) {}

  opened(circuit: Circuit): void {
    for (const link of this.linksOf(circuit.handshake.identity)) link.opened(circuit);
  }

  fromChargePoint({ handshake }: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    // answers are for the back end alone, and what cannot be read says nothing to anybody
    if (head?.kind !== 'call' && head?.kind !== 'send') return;
    for (const link of this.linksOf(handshake.identity)) link.fromChargePoint(frame, head);
  }

  fromFarSide({ handshake }: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    if (head !== undefined) for (const link of this.linksOf(handshake.identity)) link.fromBackEnd(frame, head);
  }

  closed(circuit: Circuit): void {
    for (const link of this.linksOf(circuit.handshake.identity)) link.closed(circuit);
  }

  /** Mirrors of a charge point in the order of the config: whether each is connected, what it has yet to get, what was left out. */
  standing(identity: string): { readonly connected: boolean; readonly waiting: number; readonly dropped: number }[] {
    return (this.byIdentity.get(identity) ?? []).map((link) => ({
      connected: link.isConnected,
      waiting: link.waiting,
      dropped: link.dropped,
    }));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.byIdentity.values()].flat().map((link) => link.stop()));
  }

  private linksOf(identity: string): readonly MirrorLink[] {
    const before = this.byIdentity.get(identity);
    if (before !== undefined) return before;
    if (this.byIdentity.size >= MOST_STATIONS) this.forgetOne();
    const links = this.o.mirrors.filter(({ sees }) => sees(identity)).map((settings) => this.link(settings, identity));
    this.byIdentity.set(identity, links);
    return links;
  }

  private link(settings: MirrorSettings, identity: string): MirrorLink {
    const { log, ordered, random = Math.random, answerWithin = ANSWER_WITHIN } = this.o;
    const { memory } = this;
    const link = new MirrorLink({
      settings,
      identity,
      dial: this.o.dialOf(settings),
      memory,
      log,
      ordered,
      random,
      answerWithin,
    });
    KeptQueue.open(this.o.state, `mirror/${settings.index}/${keyOf(identity)}`, { budget: this.budget, log }).then(
      ({ kept, left }) => link.keepIn(kept, left),
      (error: unknown) => log.warn('what a mirror has yet to get could not be read', { error: describeError(error) }),
    );
    return link;
  }

  private forgetOne(): void {
    for (const [identity, links] of this.byIdentity) {
      if (links.some((link) => link.isConnected || link.waiting > 0)) continue;
      this.byIdentity.delete(identity);
      for (const link of links) void link.stop();
      return;
    }
  }
}
