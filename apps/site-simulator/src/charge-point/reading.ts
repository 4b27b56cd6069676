import { iso, type JsonObject } from '../ocpp/index.js';
import type { Outlet } from './outlet.js';

export type ReadingContext = 'Sample.Periodic' | 'Transaction.Begin' | 'Transaction.End' | 'Trigger';

/** One value as both versions write it (1.6 ed.2 chapter 7 SampledValue). */
interface Reading {
  readonly measurand: string;
  readonly unit: string;
  readonly value: number;
  readonly phase?: string;
}

/** What an outlet measured together; `t` in ms UTC. */
export interface ReadingSet {
  readonly t: number;
  readonly context: ReadingContext;
  readonly readings: readonly Reading[];
}

const LINES = ['L1', 'L2', 'L3'] as const;
const tenth = (value: number): number => Math.round(value * 10) / 10;

export interface Measured {
  readonly outlet: Outlet;
  readonly phases: number;
  /** A per phase. */
  readonly offered: number;
}

/** Registers, power as a whole and per phase, current and voltage, and what is offered. */
export function measure({ outlet, phases, offered }: Measured, t: number, context: ReadingContext): ReadingSet {
  const lines = LINES.slice(0, phases);
  const power = Array.from(outlet.power);
  const readings: Reading[] = [
    { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: Math.floor(outlet.energy) },
    { measurand: 'Power.Active.Import', unit: 'W', value: power.reduce((sum, watt) => sum + watt, 0) },
    ...lines.map((phase, i) => ({ measurand: 'Power.Active.Import', unit: 'W', value: power[i]!, phase })),
    ...lines.map((phase, i) => ({ measurand: 'Current.Import', unit: 'A', value: tenth(outlet.current[i]!), phase })),
    ...lines.map((phase, i) => ({ measurand: 'Voltage', unit: 'V', value: tenth(outlet.voltage[i]!), phase: `${phase}-N` })), // prettier-ignore
    { measurand: 'Current.Offered', unit: 'A', value: tenth(offered) },
  ];
  if (outlet.soc !== undefined) readings.push({ measurand: 'SoC', unit: 'Percent', value: Math.floor(outlet.soc) });
  return { t, context, readings };
}

/** A MeterValue of 1.6, whose values are texts. */
export const meterValue16 = ({ t, context, readings }: ReadingSet): JsonObject => ({
  timestamp: iso(t),
  sampledValue: readings.map(({ value, ...what }) => ({ value: String(value), context, ...what, location: 'Outlet' })),
});

/** A MeterValue of 2.0.1, whose values are numbers. */
export const meterValue2 = ({ t, context, readings }: ReadingSet): JsonObject => ({
  timestamp: iso(t),
  sampledValue: readings.map(({ unit, ...what }) => ({ ...what, context, location: 'Outlet', unitOfMeasure: { unit } })), // prettier-ignore
});
