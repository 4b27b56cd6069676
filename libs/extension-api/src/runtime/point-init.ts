import { durationMs, SmxError, type PointKind, type PointType, type SetpointBounds } from '@smx-edge/model';
import type { Duration, PointInit } from '../point.js';
import type { SetpointInit } from '../setpoint.js';
import type { WirePoint } from '../wire.js';

const LEAST_MAX_AGE = 10_000;
const COUNTER_UNITS: readonly string[] = ['Wh', 'varh', 'VAh', 'm3', 'J'];

/** Milliseconds of a duration as authors write it. Throws SMX_CONFIG_INVALID. */
export function ms(duration: Duration): number {
  return typeof duration === 'number' ? duration : durationMs(duration);
}

function kindOf(type: PointType, unit: string | null): PointKind {
  if (type === 'string') return 'text';
  if (type === 'boolean') return 'state';
  return type === 'number' && unit !== null && COUNTER_UNITS.includes(unit) ? 'counter' : 'measurement';
}

/** The definition the host gets; `interval` is the device's, ms. */
export function wirePoint(path: string, init: PointInit, interval: number | undefined): WirePoint {
  const type = init.type ?? 'number';
  const unit = init.unit ?? null;
  const maxAge = init.maxAge === undefined ? Math.max(LEAST_MAX_AGE, 3 * (interval ?? 0)) : ms(init.maxAge);
  if (!Number.isFinite(maxAge) || maxAge < 0)
    throw new SmxError('SMX_POINT_DEFINITION', `${path}: the max age must be a duration, 0 for never`);
  return {
    path,
    unit,
    type,
    kind: init.kind ?? kindOf(type, unit),
    maxAge,
    ...(init.obis === undefined ? {} : { obis: init.obis }),
    ...(init.personal === undefined ? {} : { personal: init.personal }),
    ...(init.aliases === undefined ? {} : { aliases: init.aliases }),
  };
}

const isFinite = (value: number | undefined): value is number => Number.isFinite(value);

/** The writable part of a set-point's definition. */
export function bounds(init: SetpointInit): SetpointBounds {
  return {
    // an infinite bound is none
    ...(isFinite(init.min) ? { min: init.min } : {}),
    ...(isFinite(init.max) ? { max: init.max } : {}),
    ...(isFinite(init.step) ? { step: init.step } : {}),
    ...(init.default === undefined ? {} : { default: init.default }),
    ...(init.verify === undefined ? {} : { verify: init.verify }),
    ...(isFinite(init.tolerance) ? { tolerance: init.tolerance } : {}),
    ...(init.settle === undefined ? {} : { settle: ms(init.settle) }),
    ...(init.interval === undefined ? {} : { interval: ms(init.interval) }),
  };
}
