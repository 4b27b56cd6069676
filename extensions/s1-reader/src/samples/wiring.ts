import type { Wiring } from '@smx-edge/protocols/power-quality';
import type { S1Format } from '@smx-edge/protocols/s1';

/** What the channels of a meter are called in paths. */
export interface Channels {
  readonly wiring: Wiring;
  readonly voltages: readonly string[];
  readonly currents: readonly string[];
  readonly hasNeutral: boolean;
}

const PHASES = ['l1', 'l2', 'l3'];

export function channelsOf({ phases, wires, neutralMeasured }: S1Format): Channels {
  const hasNeutral = neutralMeasured;
  if (phases === 1) return { wiring: 'single', voltages: ['l1'], currents: ['l1'], hasNeutral };
  if (wires === 4) return { wiring: '4-wire', voltages: PHASES, currents: PHASES, hasNeutral };
  // the order in which the analysis has the voltages between phases
  return { wiring: '3-wire', voltages: ['l1-l2', 'l3-l1', 'l2-l3'], currents: PHASES, hasNeutral };
}
