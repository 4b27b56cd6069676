import type { Clock, NewEvent } from '@smx-edge/model';

/** Less is how a clock is disciplined, and not a step. */
const STEP = 2000;

/** Finds out that the wall clock was set: it no longer runs beside the monotonic one. */
export class ClockWatch {
  private offset: number;

  constructor(
    private readonly clock: Clock,
    private readonly onStep: (told: NewEvent) => void,
  ) {
    this.offset = clock.now() - clock.monotonic();
  }

  /** To be called now and then. */
  look(): void {
    const { clock } = this;
    const now = clock.now();
    const offset = now - clock.monotonic();
    const step = offset - this.offset;
    this.offset = offset;
    if (Math.abs(step) >= STEP) this.onStep(clockStep({ from: Math.round(now - step), to: now }));
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
