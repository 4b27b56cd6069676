import type { FieldValue } from '@smx-edge/protocols/sunspec';
import type { GuardedCounters } from '../energy/guarded-counters.js';
import type { CounterDoor, PartCounter } from './part-counters.js';

/** What counters are taken for that `nameOf` tells apart: they never fall, and stand where the device shows none for a while. */
export function guardedDoor(counters: GuardedCounters, nameOf: (counter: PartCounter) => string): CounterDoor {
  return (counter): FieldValue => {
    const { field, span, step } = counter;
    // a way in which nothing flows shows no counter on some firmwares (GEN24 up to 1.30): it stands
    if (field.value === null && field.reason !== 'not-accumulated') return field;
    const shown = field.value === null ? undefined : { value: Number(field.value), span, step };
    const value = counters.take(nameOf(counter), shown);
    if (value === undefined) return { value: null, reason: 'not-accumulated' };
    return field.value === null ? { value } : { ...field, value };
  };
}
