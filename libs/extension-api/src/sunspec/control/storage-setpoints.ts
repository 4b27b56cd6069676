import { heldWindow, type Decoded, type StorageWindow } from '@smx-edge/protocols/sunspec';
import { stepOf } from './hold-state.js';
import { numberOf } from './model-fields.js';
import { RESERVE_RULES } from './reserve-rules.js';
import type { SetpointGroup } from './setpoint-group.js';
import { aspectsOf, windowOf, type StorageAspect } from './storage-wish.js';
import { WINDOW_RULES } from './window-rules.js';

/** Rates are percent of this, W: as it is read, whatever the battery is said to have. */
const chargeMax = (model: Decoded): number => numberOf(model, 'WChaMax') ?? 0;

/** Power of a store, W: set-point and limits in one window of model 124. */
export const STORAGE_POWER: SetpointGroup<StorageWindow, StorageAspect> = {
  rules: WINDOW_RULES,
  setpoints: (model) => {
    const most = chargeMax(model);
    if (most <= 0 || WINDOW_RULES.fields.some((name) => numberOf(model, name) === undefined)) return undefined;
    const limit = { unit: 'W', min: 0, max: most };
    return {
      setpoint: { path: 'power/setpoint', unit: 'W', min: -most, max: most },
      chargeLimit: { path: 'power/charge-limit', ...limit },
      dischargeLimit: { path: 'power/discharge-limit', ...limit },
    };
  },
  wish: windowOf,
  held: (model, asked) => aspectsOf(heldWindow(model), asked),
  step: (model) => (chargeMax(model) * stepOf(model, 'OutWRte')) / 100,
};

/** State of charge below which a store is not discharged, %. */
export const STORAGE_RESERVE: SetpointGroup<number, 'reserve'> = {
  rules: RESERVE_RULES,
  setpoints: (model) =>
    numberOf(model, 'MinRsvPct') === undefined
      ? undefined
      : { reserve: { path: 'reserve', unit: '%', min: 0, max: 100 } },
  wish: ({ reserve }) => reserve!,
  held: (model) => ({ reserve: numberOf(model, 'MinRsvPct') ?? null }),
  step: (model) => stepOf(model, 'MinRsvPct'),
};
