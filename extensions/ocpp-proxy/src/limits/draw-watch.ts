import type { Limit, ProfileSettings, RateUnit } from '@smx-edge/protocols/ocpp-j';
import type { Outlet } from '../observe/outlet.js';

/** What a car drew when it was measured last. */
export interface Drawn {
  /** A of the phase with most, or W of all. */
  readonly value: number;
  /** ms UTC of its coming. */
  readonly at: number;
}

/** ms from one value above the limit to another, without one within between them: cars take 5 s (IEC 61851-1), some much longer. */
const OVER_AFTER = 30_000;
/** What meters of charge points and cars are off, of the limit and in A. */
const SHARE = 0.05;
const AMPS = 0.5;
const PHASES = ['current/l1', 'current/l2', 'current/l3'] as const;
/** Values of one message have one time, of two that belong together nearly. */
const TOGETHER = 1000;

/** In `unit`, from live values; undefined where nothing of it was measured. */
export function drawnBy({ latest }: Outlet, unit: RateUnit, { volts, phases }: ProfileSettings): Drawn | undefined {
  const power = latest.get('power/active');
  const ofPhases = PHASES.flatMap((path) => latest.get(path) ?? []);
  const told = ofPhases.length > 0 ? ofPhases : [latest.get('current') ?? []].flat();
  const at = Math.max(...told.map((one) => one.at));
  const amps = told.filter((one) => at - one.at <= TOGETHER).map(({ value }) => value);
  if (unit === 'A') {
    if (amps.length > 0) return { value: Math.max(...amps), at };
    return power && { value: power.value / (volts * phases), at: power.at };
  }
  if (power !== undefined || amps.length === 0) return power;
  return { value: amps.reduce((sum, one) => sum + one, 0) * volts, at };
}

export const isWithin = (drawn: number, { unit, value }: Limit, { volts }: ProfileSettings): boolean =>
  drawn <= value * (1 + SHARE) + (unit === 'A' ? AMPS : AMPS * volts);

/** Whether a car goes on to draw more than its limit. */
export class DrawWatch {
  isOver = false;
  private since: number | undefined;
  private at = -Infinity;

  constructor(private readonly settings: ProfileSettings) {}

  /** What was drawn before a change says nothing about it. */
  changed(now: number): void {
    this.since = undefined;
    this.at = now;
  }

  /** Nothing charges, or nothing is limited. */
  over(): void {
    this.since = undefined;
    this.isOver = false;
  }

  see({ value, at }: Drawn, limit: Limit): void {
    if (at <= this.at) return;
    this.at = at;
    if (isWithin(value, limit, this.settings)) {
      this.over();
      return;
    }
    this.since ??= at;
    if (at - this.since >= OVER_AFTER) this.isOver = true;
  }
}
