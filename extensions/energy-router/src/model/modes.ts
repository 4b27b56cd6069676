export type Phases = 'one' | 'three';

/** A mode as its router counts it. */
export interface Mode {
  readonly code: number;
  /** As it is called here. */
  readonly name: string;
  /** It works without the grid, or starts one: never commanded unless the operator lists it. */
  readonly isIsland?: boolean;
}

/** Storage4Grid D4.10 tables 5 and 7: modes of the three-phase router of Skive, and of the single-phase one of Bucharest. */
export const MODES: Readonly<Record<Phases, readonly Mode[]>> = {
  three: [
    { code: 0, name: 'off' },
    { code: 1, name: 'standby' },
    { code: 2, name: 'pv-on' },
    { code: 3, name: 'pv-off' },
    { code: 4, name: 'load-balancing' },
    { code: 5, name: 'p-ref' },
  ],
  one: [
    { code: 0, name: 'off' },
    { code: 1, name: 'standby' },
    { code: 2, name: 'rppt' },
    { code: 3, name: 'mppt' },
    { code: 4, name: 'pv-off' },
    { code: 5, name: 'standby-island', isIsland: true },
    { code: 6, name: 'rppt-island', isIsland: true },
    { code: 7, name: 'mppt-island', isIsland: true },
    { code: 8, name: 'black-start', isIsland: true },
  ],
};

/** The mode in which a router is harmless. */
export const STANDBY = 'standby';

/** The name of a code; undefined for none of them. */
export function modeName(modes: readonly Mode[], code: number): string | undefined {
  return modes.find((mode) => mode.code === code)?.name;
}

export function modeCode(modes: readonly Mode[], name: string): number | undefined {
  return modes.find((mode) => mode.name === name)?.code;
}
