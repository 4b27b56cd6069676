import { modelOf, type Fields, type FieldValue } from '@smx-edge/protocols/sunspec';
import type { CounterReading } from '../energy/counter-guard.js';

export type PartKind = 'inverter' | 'meter' | 'pv' | 'battery';

/** A counter of energy as it stands in one reading of a chain, before it becomes a point. */
export interface PartCounter extends Omit<CounterReading, 'value'> {
  readonly kind: PartKind;
  /** Which of its kind in the chain, from 0. */
  readonly index: number;
  /** Of the device that counts. */
  readonly serial?: string | undefined;
  /** Path of its point below the device, or of the point that it is a share of and `/mppt1`, `/mppt2` … */
  readonly path: string;
  readonly field: FieldValue;
}

/** What a counter is taken for. It is asked for each counter of each reading, once. */
export type CounterDoor = (counter: PartCounter) => FieldValue;

/** Room of counters by their type, in their own steps. */
const ROOM: Readonly<Record<string, number>> = { acc32: 2 ** 32, acc64: 2 ** 64 };

/** What the field of a model can hold and tell apart; `scales`: the fields of the model that stand once. */
export function roomOf(id: number, name: string, scales: Fields): Pick<CounterReading, 'span' | 'step'> {
  const definition = modelOf(id)!;
  const field = [...definition.fields, ...(definition.block?.fields ?? [])].find((each) => each.name === name);
  const room = field === undefined ? undefined : ROOM[field.type];
  if (room === undefined) return { span: undefined, step: 0 };
  const exponent = Number((field?.scale === undefined ? undefined : scales[field.scale]?.value) ?? 0);
  return { span: room * 10 ** exponent, step: 10 ** exponent };
}
