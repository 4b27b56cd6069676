import type { Log } from '@smx-edge/model';
import type { FrameHead } from '@smx-edge/protocols/ocpp-j';
import type { Circuit } from '../relay/circuit.js';
import type { FarSide } from '../relay/far-side.js';
import type { LinkEnd, WireFrame } from '../relay/wire.js';
import type { AwayPolicy } from './away.js';
import type { Breaker } from './breaker.js';
import { HeldFrames } from './held-frames.js';
import { Redial } from './redial.js';

export interface HoldOptions {
  readonly breaker: Breaker;
  /** ms that a charge point is kept. */
  readonly graceOf: (identity: string) => number;
  readonly log: Log;
  /** ms of a clock that does not step back. */
  readonly now: () => number;
  /** 0 … 1. */
  readonly random: () => number;
}

interface Holding {
  /** How the back end went. */
  readonly end: LinkEnd;
  readonly frames: HeldFrames;
  /** When the charge point is closed all the same. */
  readonly until: number;
  timer?: NodeJS.Timeout;
  redial?: Redial;
  /** When the back end was there again. */
  backAt?: number;
}

/** ms that a back end has to stay before its next loss counts as another one. */
const STAYS_AFTER = 10_000;

/**
 * Keeps charge points for a grace while their back end is dialled again; nothing is answered meanwhile. What the charge point sends
 * is kept in memory and handed on once, in order; what was handed to the lost connection never is again, for it may have arrived.
 * After the grace the charge point is closed as the back end was, and what is held is dropped: it sends what matters again.
 */
export class Hold implements AwayPolicy {
  private readonly held = new WeakMap<Circuit, Holding>();

  constructor(private readonly o: HoldOptions) {}

  lost(circuit: Circuit, end: LinkEnd): void {
    const before = this.held.get(circuit);
    const now = this.o.now();
    const isAgain = before?.backAt !== undefined && now - before.backAt < STAYS_AFTER;
    const holding: Holding = {
      end,
      frames: before?.frames ?? new HeldFrames(),
      until: isAgain ? before.until : now + this.o.graceOf(circuit.handshake.identity),
    };
    this.held.set(circuit, holding);
    this.o.log.info('a back end went, its charge point is kept', { identity: circuit.handshake.identity, code: end.code, for: holding.until - now }); // prettier-ignore
    holding.timer = setTimeout(() => this.giveUp(circuit, 'its grace is over'), holding.until - now);
    holding.redial = new Redial({
      breaker: this.o.breaker,
      handshake: circuit.handshake,
      random: this.o.random,
      back: (farSide) => this.back(circuit, farSide),
      unwanted: ({ status }) => this.giveUp(circuit, `its back end refuses it with status ${status ?? 'none'}`),
    });
  }

  frame(circuit: Circuit, frame: WireFrame, head: FrameHead | undefined): void {
    const holding = this.held.get(circuit);
    if (holding && !holding.frames.add(frame, head)) this.giveUp(circuit, 'it sends more than is held');
  }

  closed(circuit: Circuit): void {
    this.rest(circuit);
    this.held.delete(circuit);
  }

  unreachable(): FarSide | undefined {
    return undefined;
  }

  private back(circuit: Circuit, farSide: FarSide): void {
    const holding = this.held.get(circuit);
    if (holding === undefined) {
      farSide.close(AWAY);
      return;
    }
    // what the charge point was told does not change under way
    if (farSide.protocol !== (circuit.subprotocol ?? '')) {
      farSide.close(AWAY);
      this.giveUp(circuit, 'its back end chose another subprotocol');
      return;
    }
    this.rest(circuit);
    holding.backAt = this.o.now();
    const waited = holding.frames.size;
    circuit.attach(farSide);
    // lost again while it is handed on: the rest stays held
    holding.frames.drain((frame) => circuit.farSide === farSide && farSide.send(frame));
    this.o.log.info('a back end is back', { identity: circuit.handshake.identity, handedOn: waited - holding.frames.size }); // prettier-ignore
  }

  private giveUp(circuit: Circuit, why: string): void {
    const holding = this.held.get(circuit);
    if (holding === undefined) return;
    this.o.log.info('a charge point is closed as its back end was', { identity: circuit.handshake.identity, why, dropped: holding.frames.size }); // prettier-ignore
    this.closed(circuit);
    circuit.close(holding.end);
  }

  private rest(circuit: Circuit): void {
    const holding = this.held.get(circuit);
    clearTimeout(holding?.timer);
    holding?.redial?.stop();
  }
}

/** Going away: the connection is given up before any use. */
const AWAY: LinkEnd = { code: 1001, reason: Buffer.alloc(0) };
