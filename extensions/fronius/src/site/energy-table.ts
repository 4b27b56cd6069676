import type { Identity } from './identity.js';

/** The energies of a kind of device, and the power they are the integral of where nothing counts them. */
interface Energies {
  readonly power: string;
  readonly positive?: string;
  readonly negative?: string;
  /** Whether both ways show one and the same counter; of others each way counts something of its own, and a series has one. */
  readonly isShared: boolean;
}

/** On a GEN24 the energy of the Solar API is another figure than that of the registers; a meter counts once. */
export const ENERGIES: Readonly<Record<Identity['kind'], Energies>> = {
  meter: { power: 'power/active', positive: 'energy/active/import', negative: 'energy/active/export', isShared: true },
  inverter: { power: 'power/active', negative: 'energy/active/export', isShared: false },
  pv: { power: 'power', negative: 'energy/produced', isShared: false },
  battery: { power: 'power', positive: 'energy/charged', negative: 'energy/discharged', isShared: false },
  ohmpilot: { power: 'power/active', positive: 'energy/active/import', isShared: true },
};
