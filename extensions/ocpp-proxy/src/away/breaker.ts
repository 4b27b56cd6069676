import type { Dial, DialFailure, DialResult, FarSide } from '../relay/far-side.js';
import type { Handshake } from '../relay/wire.js';
import { backOff, LONGEST_PAUSE } from './back-off.js';

/** Code of the failure that stands for a dial which was not made. */
export const AWAY = 'AWAY';

export interface BreakerOptions {
  readonly dial: Dial;
  /** Which back end is dialled for a charge point; those of one name share one circuit. */
  readonly backEndOf: (handshake: Handshake) => string;
  /** ms of a clock that does not step back. */
  readonly now: () => number;
  /** 0 … 1. */
  readonly random: () => number;
}

interface Open {
  failures: number;
  until: number;
  isProbing: boolean;
  readonly waiting: Set<() => void>;
}

/** Failures that say nothing about the back end: the charge point went, has none, or asks what cannot be sent on. */
const OF_THE_CHARGE_POINT = ['ABORTED', 'UNKNOWN', 'UNFIT'];
/** Of what stands before a back end, and of this box, where the back end is away. */
export const GATEWAY_STATUSES: readonly number[] = [502, 503, 504];

/** Whether it is away: nobody answered, or only what stands before it. What a back end refuses, it refuses itself. */
export const isAway = ({ code, status }: DialFailure): boolean =>
  !OF_THE_CHARGE_POINT.includes(code) && (status === undefined || GATEWAY_STATUSES.includes(status));

/**
 * Keeps all charge points from dialling a back end that is away. Nothing is sent to it for the sake of asking: once the pause is
 * over, the next real charge point is the probe, and the others are refused until it is known what became of it. A back end at which
 * any charge point is connected is not away, whatever becomes of another one that dials it.
 */
export class Breaker {
  private readonly open = new Map<string, Open>();
  /** Connections by back end. */
  private readonly connected = new Map<string, Set<FarSide>>();

  constructor(private readonly o: BreakerOptions) {}

  /** Dials, or answers 503 with `Retry-After` at once while the back end is known to be away. */
  readonly dial: Dial = async (handshake, signal) => {
    const backEnd = this.o.backEndOf(handshake);
    const open = this.open.get(backEnd);
    if (open && (open.isProbing || this.o.now() < open.until)) return { failure: this.refusal(open) };
    if (open) open.isProbing = true;
    try {
      const result = await this.o.dial(handshake, signal);
      this.took(backEnd, result, open);
      return result;
    } finally {
      if (open) open.isProbing = false;
    }
  };

  /** ms until the back end of a charge point may be dialled; 0 = now. */
  pause(handshake: Handshake): number {
    const open = this.open.get(this.o.backEndOf(handshake));
    return open === undefined ? 0 : Math.max(open.isProbing ? 1 : 0, open.until - this.o.now());
  }

  /** Calls `back` once the back end answers again; returns how to give that up. */
  whenBack(handshake: Handshake, back: () => void): () => void {
    const waiting = this.open.get(this.o.backEndOf(handshake))?.waiting;
    waiting?.add(back);
    return () => waiting?.delete(back);
  }

  private took(backEnd: string, result: DialResult, probeOf: Open | undefined): void {
    const connected = this.connectedTo(backEnd);
    if ('farSide' in result) connected.add(result.farSide);
    if ('failure' in result && isAway(result.failure)) {
      // what is wrong with one charge point keeps no other one out
      if (connected.size === 0) this.failed(backEnd, result.failure, probeOf);
    } else if (!('failure' in result) || !OF_THE_CHARGE_POINT.includes(result.failure.code)) this.answered(backEnd);
  }

  private connectedTo(backEnd: string): Set<FarSide> {
    const connected = this.connected.get(backEnd) ?? new Set();
    this.connected.set(backEnd, connected);
    for (const farSide of connected) if (!farSide.isOpen) connected.delete(farSide);
    return connected;
  }

  private answered(backEnd: string): void {
    const open = this.open.get(backEnd);
    this.open.delete(backEnd);
    for (const back of open?.waiting ?? []) back();
  }

  private failed(backEnd: string, { headers }: DialFailure, probeOf: Open | undefined): void {
    const before = this.open.get(backEnd);
    // of many that failed together only the first one counts
    if (before !== probeOf) return;
    const open = before ?? { failures: 0, until: 0, isProbing: false, waiting: new Set() };
    open.failures += 1;
    open.until = this.o.now() + pauseOf(open.failures, headers?.['retry-after'], this.o.random());
    this.open.set(backEnd, open);
  }

  private refusal({ until }: Open): DialFailure {
    const seconds = Math.max(1, Math.ceil((until - this.o.now()) / 1_000));
    return {
      status: 503,
      headers: { 'retry-after': String(seconds) },
      code: AWAY,
      text: `the back end is away and is tried again in ${seconds} s`,
    };
  }
}

/** ms; where the back end asked for a pause, at least that one. */
function pauseOf(failures: number, retryAfter: string | undefined, random: number): number {
  const asked = Number(retryAfter ?? 0) * 1_000;
  const own = backOff(failures, random);
  return asked > own ? Math.min(asked, LONGEST_PAUSE) : own;
}
