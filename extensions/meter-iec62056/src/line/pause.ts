import type { Clock } from '@smx-edge/model';

/** Resolves after so many ms of the clock; at once for 0 and less. */
export function pause(clock: Pick<Clock, 'after'>, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
