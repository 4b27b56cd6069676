import type { StatusState } from '../context.js';
import type { UnitFault } from './unit-fault.js';

/** How a source fares, in one state and a sentence that says what to do. */
export interface SourceState {
  readonly state: StatusState;
  readonly text: string;
  /** 0 … 1 while units are looked for. */
  readonly progress?: number;
}

/** What is known of the units of a source. */
export interface SourceFacts {
  readonly label: string;
  readonly reading: readonly number[];
  /** Units among them that give no value of any device. */
  readonly empty?: readonly number[];
  readonly faults: readonly UnitFault[];
  /** Why the source as a whole cannot be asked. */
  readonly source?: UnitFault | undefined;
  /** While units are looked for: the one that is asked, and which of how many it is, from 1. */
  readonly search?: { readonly unit: number; readonly n: number; readonly of: number } | undefined;
  /** Units that were looked for and are none, with those that answer and are no SunSpec devices among them. */
  readonly missed: readonly number[];
  readonly strange: readonly number[];
  /** What units that were looked for, or their logger, answered instead. */
  readonly away?: readonly UnitFault[];
}

const MOST_TOLD = 3;

export function sourceState(facts: SourceFacts): SourceState {
  const { reading, empty = [], faults, source, search } = facts;
  if (source !== undefined) return { state: 'error', text: source.text };
  const full = reading.filter((unit) => !empty.includes(unit));
  const text = [
    ...(full.length > 0 ? [`reading ${unitText(full)}`] : []),
    ...(empty.length > 0 ? [emptyText(empty)] : []),
    ...faults.map((fault) => fault.text),
  ];
  if (text.length > 0) {
    const isAsleep = empty.length === 0 && faults.every((fault) => fault.isAsleep);
    const state = full.length > 0 ? (isAsleep ? 'ok' : 'warning') : isAsleep ? 'warning' : 'error';
    return { state, text: text.join('; ') };
  }
  if (search !== undefined) {
    const { unit, n, of } = search;
    return { state: 'busy', text: `looking for SunSpec devices: unit ${unit} (${n} of ${of})`, progress: (n - 1) / of };
  }
  if (facts.missed.length === 0) return { state: 'busy', text: `waiting for ${facts.label}` };
  const { away = [] } = facts;
  if (away.length === 0) return { state: 'error', text: nobody(facts) };
  // a logger answers so for each unit that it does not know, too
  const state = away.every((fault) => fault.isAsleep) ? 'warning' : 'error';
  return {
    state,
    text: away
      .slice(0, MOST_TOLD)
      .map((fault) => fault.text)
      .join('; '),
  };
}

const emptyText = (units: readonly number[]): string =>
  `${unitText(units)} ${units.length === 1 ? 'gives' : 'give'} no value of an inverter, a meter or a battery (models 101 to 103, 111 to 113, 201 to 204, 211 to 214, 160, 124); choose these in the settings of the device`;

function nobody({ label, missed, strange }: SourceFacts): string {
  if (strange.length > 0)
    return `${unitText(strange)} of ${label} answers and is no SunSpec device; switch SunSpec on in its settings, or give the number of the device under units`;
  return `no unit of ${label} answers (asked ${missed.join(', ')}); give the number of the device under units, and look that it is on and lets Modbus in`;
}

const unitText = (units: readonly number[]): string =>
  units.length === 1 ? `unit ${units[0]}` : `units ${units.slice(0, -1).join(', ')} and ${units.at(-1)}`;
