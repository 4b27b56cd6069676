import type { PointDefinition, PointValue, SetpointBounds } from '@smx-edge/model';
import type { SetpointFacts } from './ports.js';

const SETTLE = 10_000;
const INTERVAL = 1000;
/** Default tolerance: of the value, and at least of the span of the set-point. */
const OF_VALUE = 0.01;
const OF_SPAN = 0.002;

/** What the arbiter needs of a set-point's definition; a set-point that is gone has the plainest facts. */
export function factsOf(definition: PointDefinition | undefined, proven: boolean): SetpointFacts {
  const setpoint = definition?.setpoint ?? {};
  return {
    default: setpoint.default ?? null,
    proven,
    tolerance: (value) => toleranceOf(value, setpoint),
    settle: setpoint.settle ?? SETTLE,
    interval: setpoint.interval ?? INTERVAL,
  };
}

function toleranceOf(value: PointValue, { tolerance, step = 0, min = 0, max = 0 }: SetpointBounds): number {
  if (tolerance !== undefined) return tolerance;
  const size = typeof value === 'number' ? Math.abs(value) : 0;
  return Math.max(step, size * OF_VALUE, (max - min) * OF_SPAN);
}
