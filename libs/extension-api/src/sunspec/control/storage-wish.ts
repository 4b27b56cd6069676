import type { StorageWindow } from '@smx-edge/protocols/sunspec';

/** What may be asked of a store's power. */
export type StorageAspect = 'setpoint' | 'chargeLimit' | 'dischargeLimit';

/** All that is asked of it at once, W: a set-point in the load convention, limits without sign. */
export type StorageWish = Readonly<Partial<Record<StorageAspect, number>>>;

const within = (value: number, { least = -Infinity, most = Infinity }: StorageWindow): number =>
  Math.min(most, Math.max(least, value));

/** Limits and set-point together: limits bound what the set-point may be. */
export function windowOf({ setpoint, chargeLimit, dischargeLimit }: StorageWish): StorageWindow {
  const limits: StorageWindow = {
    ...(dischargeLimit === undefined ? {} : { least: -dischargeLimit + 0 }),
    ...(chargeLimit === undefined ? {} : { most: chargeLimit }),
  };
  if (setpoint === undefined) return limits;
  const power = within(setpoint, limits);
  return { least: power, most: power };
}

/**
 * What of a window answers to each aspect, W; null where the device holds to none. `wish` is what the window was made of, where it
 * is ours: of a set-point's window the limits do not show. Else the window speaks for itself: one value is a set-point.
 */
export function aspectsOf(window: StorageWindow, wish?: StorageWish): Record<StorageAspect, number | null> {
  const { least, most } = window;
  const hasBoth = least !== undefined && most !== undefined;
  if (!hasBoth || (wish === undefined ? least !== most : wish.setpoint === undefined)) {
    const [charge, discharge] = [most, least === undefined ? undefined : -least];
    return { setpoint: null, chargeLimit: limitOf(charge), dischargeLimit: limitOf(discharge) };
  }
  return {
    setpoint: within(windowOf(wish ?? { setpoint: least }).least!, window),
    chargeLimit: wish?.chargeLimit === undefined ? null : Math.max(wish.chargeLimit, most),
    dischargeLimit: wish?.dischargeLimit === undefined ? null : Math.max(wish.dischargeLimit, -least),
  };
}

const limitOf = (bound: number | undefined): number | null => (bound === undefined ? null : Math.max(0, bound));
