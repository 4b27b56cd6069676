import type { KeptWeek } from './running-week.js';

type Kept<T> = Partial<Record<keyof T, unknown>>;

/** Whether what was read from the store is a week. */
export function isKeptWeek(kept: unknown): kept is KeptWeek {
  const { span, place, state, events } = membersOf<KeptWeek>(kept);
  const { name, start, end } = membersOf<KeptWeek['span']>(span);
  const { wiring, rate, nominal, declared, voltages } = membersOf<KeptWeek['place']>(place);
  const { dip, swell, interruption, 'rapid-change': change } = membersOf<KeptWeek['events']>(events);
  return (
    typeof name === 'string' &&
    (wiring === 'single' || wiring === '3-wire' || wiring === '4-wire') &&
    (nominal === 50 || nominal === 60) &&
    Array.isArray(voltages) &&
    voltages.every((voltage) => typeof voltage === 'string') &&
    Array.isArray(state) &&
    [start, end, rate, declared, dip, swell, interruption, change, ...(state as unknown[])].every(Number.isFinite)
  );
}

function membersOf<T>(value: unknown): Kept<T> {
  return typeof value === 'object' && value !== null ? value : {};
}
