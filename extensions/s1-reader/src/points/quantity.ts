import type { IntervalValues, Values } from '@smx-edge/protocols/power-quality';
import type { Channels } from '../samples/wiring.js';

/** A point and where its value stands. */
export interface Quantity<V> {
  /** Below the device. */
  readonly path: string;
  readonly unit: string;
  readonly obis?: string;
  /** Digits behind the point that mean something: what is behind them is noise that costs room for years. */
  readonly digits: number;
  /** A magnitude is averaged by its squares (IEC 61000-4-30 §4.5.1), what has a sign or is a frequency as it is. */
  readonly isMagnitude?: boolean;
  of(values: V): number;
}

/** OBIS codes (IEC 62056-61) of instantaneous values by phase: group C of phase 1 and what it rises by. */
const obis = (first: number, phase: number): string => `1-0:${first + 20 * phase}.7.0`;

/** Means of a second that the analysis has as they are, for a meter wired so. Signs as in the house: consumption is positive. */
export function secondQuantities({ wiring, voltages, currents, hasNeutral }: Channels): readonly Quantity<Values>[] {
  const isBetween = wiring === '3-wire';
  const list: Quantity<Values>[] = [
    ...voltages.map((name, k) => ({
      ...{ path: `voltage/${name}`, unit: 'V', digits: 2, isMagnitude: true },
      ...(isBetween ? {} : { obis: obis(32, k) }),
      of: (values: Values) => values.voltage[k]!,
    })),
    ...currents.map((name, k) => ({
      ...{ path: `current/${name}`, unit: 'A', digits: 3, isMagnitude: true, obis: obis(31, k) },
      of: (values: Values) => values.current[k]!,
    })),
    { path: 'power/active', unit: 'W', digits: 1, obis: '1-0:16.7.0', of: (values) => values.activeTotal },
    { path: 'power/reactive', unit: 'var', digits: 1, of: (values) => values.reactiveTotal },
    { path: 'power/apparent', unit: 'VA', digits: 1, obis: '1-0:9.7.0', of: (values) => values.apparentTotal },
    { path: 'pq/frequency', unit: 'Hz', digits: 3, of: (values) => values.frequency },
  ];
  if (hasNeutral)
    list.push({ path: 'current/n', unit: 'A', digits: 3, isMagnitude: true, obis: '1-0:91.7.0', of: ({ neutral }) => neutral }); // prettier-ignore
  // without a neutral a phase has no power of its own
  if (isBetween) return list;
  for (const [k, name] of currents.entries())
    list.push(
      { path: `power/active/${name}`, unit: 'W', digits: 1, obis: obis(36, k), of: ({ active }) => active[k]! },
      { path: `power/reactive/${name}`, unit: 'var', digits: 1, of: ({ reactive }) => reactive[k]! },
      { path: `power/apparent/${name}`, unit: 'VA', digits: 1, obis: obis(29, k), of: ({ apparent }) => apparent[k]! },
    );
  return list;
}

const percent = (share: number): number => share * 100;

/** Of 150 or 180 cycles, 3 s. */
export function shortQuantities({ wiring, voltages, currents }: Channels): readonly Quantity<IntervalValues>[] {
  const list: Quantity<IntervalValues>[] = [
    ...voltages.map((name, k) => ({
      ...{ path: `pq/thd/voltage/${name}`, unit: '%', digits: 2 },
      of: ({ voltageDistortion }: IntervalValues) => percent(voltageDistortion[k]!),
    })),
    ...currents.map((name, k) => ({
      ...{ path: `pq/thd/current/${name}`, unit: '%', digits: 2 },
      of: ({ currentDistortion }: IntervalValues) => percent(currentDistortion[k]!),
    })),
  ];
  if (wiring !== 'single')
    list.push({ path: 'pq/unbalance', unit: '%', digits: 2, of: (values) => percent(values.negativeSequence) });
  if (wiring === '4-wire')
    list.push({ path: 'pq/unbalance/zero', unit: '%', digits: 2, of: (values) => percent(values.zeroSequence) });
  return list;
}

/** Of 10 min. */
export function mediumQuantities({ voltages }: Channels): readonly Quantity<IntervalValues>[] {
  return voltages.flatMap((name, k) => [
    { path: `pq/voltage/${name}`, unit: 'V', digits: 2, of: ({ voltage }: IntervalValues) => voltage[k]! },
    { path: `pq/pst/${name}`, unit: '1', digits: 3, of: ({ flicker }: IntervalValues) => flicker[k]! },
  ]);
}

/** Of 2 h. */
export function longQuantities({ voltages }: Channels): readonly Quantity<IntervalValues>[] {
  return voltages.map((name, k) => ({
    ...{ path: `pq/plt/${name}`, unit: '1', digits: 3 },
    of: ({ flicker }: IntervalValues) => flicker[k]!,
  }));
}

export function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
