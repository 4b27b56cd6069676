import type { Values } from '../power-quality/index.js';

/** What recognition takes of a window of 10 or 12 cycles: typed arrays by phase, read at once and not kept. */
export type LoadWindow = Pick<
  Values,
  'start' | 'end' | 'voltage' | 'active' | 'reactive' | 'currentHarmonics' | 'lost' | 'isFlagged'
>;

export type LoadPhase = 'l1' | 'l2' | 'l3';
export const LOAD_PHASES: readonly LoadPhase[] = ['l1', 'l2', 'l3'];

export interface LoadOptions {
  readonly phases: 1 | 3;
  /** Declared voltage of a phase, V: powers are told as they would be at it. */
  readonly declared: number;
}

/** A switching step: from one steady state to the next. */
export interface LoadStep {
  /** When it began, ms UTC. */
  readonly t: number;
  /** Of which it is: one, or all three of a balanced appliance. */
  readonly phases: readonly LoadPhase[];
  /** Change of active power, W of all its phases at the declared voltage; positive is more consumption. */
  readonly power: number;
  /** An inverter may have answered it: of its power perhaps only a part was seen, of its reactive power all. */
  readonly isAnswered: boolean;
  /** Change of reactive power of the fundamental, var; positive where the current lags. */
  readonly reactive: number;
  /** Highest change on the way over the one that stayed, at least 1. */
  readonly peak: number;
  /** ms until the new state stood. */
  readonly duration: number;
  /** Change of the current's harmonics of orders 3, 5 and 7 in the first of its phases, A RMS without regard to their angle. */
  readonly harmonics: readonly [number, number, number];
}

/** An appliance as it is known. */
export interface Appliance {
  /** Lower case letters, digits and `-`; the same for as long as it is known. */
  readonly id: string;
  readonly name: string | null;
  readonly phases: readonly LoadPhase[];
  /** W and var of its step, typically. */
  readonly power: number;
  readonly reactive: number;
  readonly isOn: boolean;
  /** W of the run that goes on, at the declared voltage; 0 while none does. */
  readonly drawn: number;
  /** Since when it runs, ms UTC; null while it does not. */
  readonly since: number | null;
  /** Wh since it is known: an estimate, by the power of its step while it runs. */
  readonly energy: number;
  /** How often it was switched on. */
  readonly runs: number;
  /** 0 … 1: how sure it is one appliance and its runs are whole. A rule, not a probability. */
  readonly confidence: number;
  /** ms UTC. */
  readonly lastSeen: number;
}
