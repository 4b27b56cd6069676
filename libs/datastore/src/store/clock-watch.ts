import type { Clock, NewEvent } from '@smx-edge/model';
import { ClockOffset } from './clock-offset.js';

/** Tells each time that the wall clock was set. */
export class ClockWatch {
  private readonly offset: ClockOffset;

  constructor(
    private readonly clock: Clock,
    private readonly onStep: (told: NewEvent) => void,
  ) {
    this.offset = new ClockOffset(clock.now(), clock.monotonic());
  }

  /** To be called now and then. */
  look(): void {
    const { clock } = this;
    const now = clock.now();
    const step = this.offset.look(now, clock.monotonic());
    if (step !== 0) this.onStep(clockStep({ from: Math.round(now - step), to: now }));
  }
}

function clockStep({ from, to }: { from: number; to: number }): NewEvent {
  return {
    t: to,
    path: 'box',
    code: 'SMX_CLOCK_STEP',
    severity: 'warning',
    state: 'once',
    text: `The clock was set from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}.`,
    data: { from, to },
  };
}
