/** A harmonic of a current: order, share of the fundamental, and degrees of its own period by which it is ahead of the voltage's. */
type Harmonic = readonly [order: number, share: number, degrees: number];

/** How the current of an appliance looks. */
export interface Signature {
  /** W per phase from which on it looks so: a dishwasher heats or pumps. */
  readonly from: number;
  readonly harmonics: readonly Harmonic[];
  /** At switching on: times its current that flow at first besides, lagging by a quarter, and ms in which they fall to 37 %. */
  readonly inrush?: { readonly times: number; readonly decay: number };
}

/*
 * No measured library stands behind these: they are shapes that the circuits have, kept below the limits of
 * IEC 61000-3-2 (class A; class D for the television), so that appliances differ as they do in a house.
 */

/** A capacitor behind a rectifier draws at the crest alone. */
const RECTIFIER: readonly Harmonic[] = [[3, 0.72, 180], [5, 0.45, 0], [7, 0.24, 180], [9, 0.11, 0], [11, 0.06, 180], [13, 0.04, 0]]; // prettier-ignore
const CORRECTED: readonly Harmonic[] = [
  [3, 0.1, 170],
  [5, 0.04, 20],
  [7, 0.03, 190],
];
const MOTOR: readonly Harmonic[] = [
  [3, 0.08, 100],
  [5, 0.03, 40],
];
/** A drive with a choke before its rectifier. */
const INVERTER_DRIVE: readonly Harmonic[] = [
  [3, 0.16, 165],
  [5, 0.08, 10],
  [7, 0.05, 185],
  [11, 0.02, 0],
];
const PHASE_CONTROL: readonly Harmonic[] = [
  [3, 0.22, 60],
  [5, 0.1, 250],
  [7, 0.06, 80],
  [9, 0.03, 270],
];
const BRIDGE: readonly Harmonic[] = [
  [3, 0.012, 0],
  [5, 0.018, 180],
  [7, 0.011, 0],
  [11, 0.006, 180],
  [13, 0.005, 0],
];
const CHARGER: readonly Harmonic[] = [
  [3, 0.03, 175],
  [5, 0.02, 15],
  [7, 0.015, 180],
  [9, 0.01, 0],
  [11, 0.008, 180],
];

const RESISTOR: Signature = { from: 0, harmonics: [] };

/** By the name of an appliance of the house, from little power to much. */
const SIGNATURES: Readonly<Record<string, readonly Signature[]>> = {
  base: [{ from: 0, harmonics: RECTIFIER }],
  fridge: [{ from: 0, harmonics: MOTOR, inrush: { times: 3, decay: 60 } }],
  light: [{ from: 0, harmonics: RECTIFIER, inrush: { times: 8, decay: 5 } }],
  hob: [{ from: 0, harmonics: CORRECTED }],
  dishwasher: [
    { from: 0, harmonics: MOTOR, inrush: { times: 3, decay: 40 } },
    { ...RESISTOR, from: 1000 },
  ],
  washing: [
    { from: 0, harmonics: INVERTER_DRIVE, inrush: { times: 2, decay: 30 } },
    { ...RESISTOR, from: 1000 },
  ],
  television: [{ from: 0, harmonics: CORRECTED, inrush: { times: 10, decay: 5 } }],
  vacuum: [{ from: 0, harmonics: PHASE_CONTROL, inrush: { times: 2, decay: 80 } }],
  workplace: [{ from: 0, harmonics: CORRECTED, inrush: { times: 10, decay: 5 } }],
  heatpump: [
    { from: 0, harmonics: RECTIFIER },
    { from: 100, harmonics: INVERTER_DRIVE },
  ],
  ev: [{ from: 0, harmonics: CHARGER }],
  pv: [{ from: 0, harmonics: BRIDGE }],
  battery: [{ from: 0, harmonics: BRIDGE }],
};

/** How an appliance looks that takes or, negative, gives so many W in a phase; as a resistor where nobody knows it. */
export function signatureOf(name: string, watt: number): Signature {
  return SIGNATURES[name]?.findLast(({ from }) => Math.abs(watt) >= from) ?? RESISTOR;
}
