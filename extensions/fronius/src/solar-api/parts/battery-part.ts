import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { FlowInverter, Quantity, StorageReadings } from '@smx-edge/protocols/solar-api';
import { pointOf, pointsOf, textPoint } from './field-table.js';

/** Below it a battery does nothing, W. */
const IDLE = 10;
const OFF = 'off';

/**
 * Of the storage itself; the sign of its current differs between brands, so that the power flow alone tells where it goes. `withSoc`:
 * unless that tells the state of charge as well, and more often.
 */
export function storagePoints(
  { controller: { quantities } }: StorageReadings,
  { withSoc }: { readonly withSoc: boolean },
): SunSpecPoint[] {
  return pointsOf(quantities, {
    ...(withSoc && { soc: ['soc'] }),
    ...{ voltage: ['voltage'], temperature: ['temperature'], capacity: ['capacity'] },
  });
}

/** Of the power flow; there + = discharge. */
export function flowBatteryPoints({ quantities, batteryMode }: FlowInverter, power: Quantity): SunSpecPoint[] {
  return [
    pointOf('power', power, -1),
    ...pointsOf(quantities, { soc: ['soc'] }),
    ...textPoint('state', stateOf(batteryMode, power)),
  ];
}

/** `normal` says nothing of what it does, the power does. In the words of SunSpec where they mean the same (`ChaSt` of model 124). */
function stateOf(mode: string | undefined, { value }: Quantity): string | undefined {
  if (mode === 'disabled') return OFF;
  if (mode !== undefined && mode !== 'normal') return mode.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  if (value === null) return undefined;
  return value > IDLE ? 'discharging' : value < -IDLE ? 'charging' : 'holding';
}
