import type { Bounds } from '../driver.js';
import type { Side } from './quantities.js';

/** What an operator may say of the limits of a router: W not below 0, var from and to. */
export interface Limits {
  readonly charge?: number;
  readonly discharge?: number;
  readonly pv?: number;
  readonly reactive?: readonly [least: number, most: number];
}

/**
 * What the firmware of the single-phase router keeps to without a word (storage4grid/EnergyRouter @cdbcb7c: 18 A of a battery of 96 V,
 * PV up to 1000 W, -750 to 1250 var). Of the three-phase one nothing is public.
 */
const FIRMWARE = { charge: 1728, discharge: 1728, pv: 1000, reactive: [-750, 1250] } as const satisfies Limits;

const PER_PHASE = /\/l[123]$/;
const PHASES = 3;

/** Bounds of a set-point in the load convention, by what the operator says, else by the firmware. */
export function boundsOf(path: string, { side, limits }: { side: Side; limits: Limits }): Bounds {
  const { charge, discharge, pv, reactive } = { ...FIRMWARE, ...limits };
  if (side === 'battery') return { min: negative(discharge), max: charge };
  if (side === 'pv') return { min: negative(pv), max: 0 };
  const [min, max] = reactive;
  return PER_PHASE.test(path) ? { min: min / PHASES, max: max / PHASES } : { min, max };
}

/** Bounds that a map gives, narrowed by what the operator says of the same side. */
export function narrowed(bounds: Bounds, { path, side, limits }: { path: string; side: Side; limits: Limits }): Bounds {
  const own = boundsOf(path, { side, limits });
  const says = {
    battery: [limits.discharge, limits.charge],
    pv: [limits.pv, limits.pv],
    reactive: limits.reactive ?? [undefined, undefined],
    grid: [undefined, undefined],
  }[side];
  return {
    min: says[0] === undefined ? bounds.min : Math.max(bounds.min, own.min),
    max: says[1] === undefined ? bounds.max : Math.min(bounds.max, own.max),
  };
}

const negative = (value: number): number => (value === 0 ? 0 : -value);
