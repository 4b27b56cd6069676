import type { GuardedCounters } from '@smx-edge/extension-api';
import type { CounterDoor } from '@smx-edge/extension-api/sunspec';

/** What the counters of a unit are taken for: they never fall, and stand where the device shows none for a while. */
export function guardedDoor(counters: GuardedCounters, unit: number): CounterDoor {
  return ({ kind, index, path, field, span, step }) => {
    // the idle way of a battery shows no counter on some firmwares (GEN24 up to 1.30)
    if (field.value === null && field.reason !== 'not-accumulated') return field;
    const name = `unit ${unit}/${kind}/${index}/${path}`;
    const value = counters.take(name, field.value === null ? undefined : { value: Number(field.value), span, step });
    if (value === undefined) return { value: null, reason: 'not-accumulated' };
    return field.value === null ? { value } : { ...field, value };
  };
}
