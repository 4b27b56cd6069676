import type { Log } from '@smx-edge/model';
import { describeError } from '@smx-edge/model';
import type { CircuitListener } from './circuit.js';

/** What was passed on is told later, in its order, many at a time: no listener delays a frame, and none ends another. */
export class Telling {
  /** Whether anyone asks for frames. */
  readonly isHeard: boolean;
  private waiting: ((to: CircuitListener) => void)[] = [];

  constructor(
    private readonly listeners: readonly CircuitListener[],
    private readonly log: Log,
  ) {
    this.isHeard = listeners.some(({ fromChargePoint, fromFarSide }) => fromChargePoint ?? fromFarSide);
  }

  later(tell: (to: CircuitListener) => void): void {
    if (this.waiting.push(tell) === 1) setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    const batch = this.waiting;
    this.waiting = [];
    for (const tell of batch) for (const listener of this.listeners) this.give(tell, listener);
  };

  private give(tell: (to: CircuitListener) => void, listener: CircuitListener): void {
    try {
      tell(listener);
    } catch (error) {
      this.log.error('what came of a charge point could not be looked into', { error: describeError(error) });
    }
  }
}
