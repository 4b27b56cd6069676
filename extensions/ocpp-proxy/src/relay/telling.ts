import type { Log } from '@smx-edge/model';
import { describeError } from '@smx-edge/model';
import type { CircuitListener } from './circuit.js';

type Tell = (to: CircuitListener) => void;

const hearsFrames = ({ fromChargePoint, fromFarSide }: CircuitListener): boolean =>
  fromChargePoint !== undefined || fromFarSide !== undefined;

/** What was passed on is told in its order, later and many at a time where it may take long: no listener delays a frame, and none ends another. */
export class Telling {
  /** Whether anyone asks for frames. */
  readonly isHeard: boolean;
  private readonly quick: readonly CircuitListener[];
  private readonly slow: readonly CircuitListener[];
  private readonly isHeardLater: boolean;
  private waiting: Tell[] = [];

  constructor(
    listeners: readonly CircuitListener[],
    private readonly log: Log,
  ) {
    this.quick = listeners.filter(({ isQuick }) => isQuick === true);
    this.slow = listeners.filter(({ isQuick }) => isQuick !== true);
    this.isHeardLater = this.slow.some(hearsFrames);
    this.isHeard = listeners.some(hearsFrames);
  }

  /** Tells of a frame; called once it was passed on. */
  frame(tell: Tell): void {
    this.now(tell);
    if (this.isHeardLater) this.later(tell);
  }

  /** Tells of anything else. */
  event(tell: Tell): void {
    this.now(tell);
    this.later(tell);
  }

  private now(tell: Tell): void {
    for (const listener of this.quick) this.give(tell, listener);
  }

  private later(tell: Tell): void {
    if (this.waiting.push(tell) === 1) setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    const batch = this.waiting;
    this.waiting = [];
    for (const tell of batch) for (const listener of this.slow) this.give(tell, listener);
  };

  private give(tell: Tell, listener: CircuitListener): void {
    try {
      tell(listener);
    } catch (error) {
      this.log.error('what came of a charge point could not be looked into', { error: describeError(error) });
    }
  }
}
