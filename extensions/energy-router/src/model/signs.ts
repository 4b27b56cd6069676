import type { Side } from './quantities.js';

/** Factor from a number on the wire to the load convention of the box, and back. */
export type Signs = Readonly<Record<Side, 1 | -1>>;

interface Wire {
  readonly signs: Signs;
  readonly source: string;
}

/** Who counts what as positive (documents of Storage4Grid contradict each other). Of reactive power none says it: taken as load. */
export const WIRES = {
  er: {
    signs: { battery: -1, pv: -1, grid: 1, reactive: 1 },
    source:
      'storage4grid/EnergyRouter @cdbcb7c: Ibat, Pbat > 0 discharge; PV power is never negative; no word on the grid',
  },
  profess: {
    signs: { battery: -1, pv: -1, grid: 1, reactive: 1 },
    source: 'PROFESS: storage + = discharge, grid + = import, PV +',
  },
  lessag: {
    signs: { battery: 1, pv: 1, grid: 1, reactive: 1 },
    source: 'LESSAg: + = consumption, battery + = charge, PV negative',
  },
  box: { signs: { battery: 1, pv: 1, grid: 1, reactive: 1 }, source: 'load convention, as everywhere in the box' },
} as const satisfies Record<string, Wire>;

export type WireName = keyof typeof WIRES;
