/** Units of the house: UCUM, SI base without prefixes (contracts §3). */
export const UNITS = [
  'W',
  'Wh',
  'var',
  'varh',
  'VA',
  'VAh',
  'V',
  'A',
  'Hz',
  '%',
  'Cel',
  'm3',
  's',
  '1',
  'By',
  'J',
] as const;
export type Unit = (typeof UNITS)[number];

export interface ScaledUnit {
  readonly unit: Unit;
  /** Power of ten from the given unit to `unit`. */
  readonly exponent: number;
}

const BASES: readonly Unit[] = ['varh', 'var', 'VAh', 'VA', 'Wh', 'W', 'Hz', 'V', 'A', 'J'];
const PREFIXES: Record<string, number> = { '': 0, m: -3, k: 3, M: 6, G: 9 };
const WORDS: Record<string, ScaledUnit> = {
  m3: { unit: 'm3', exponent: 0 },
  'm³': { unit: 'm3', exponent: 0 },
  dm3: { unit: 'm3', exponent: -3 },
  l: { unit: 'm3', exponent: -3 },
  '%': { unit: '%', exponent: 0 },
  '°c': { unit: 'Cel', exponent: 0 },
  c: { unit: 'Cel', exponent: 0 },
  cel: { unit: 'Cel', exponent: 0 },
  s: { unit: 's', exponent: 0 },
};

function table(): Map<string, ScaledUnit> {
  const units = new Map<string, ScaledUnit>();
  for (const unit of BASES)
    for (const [prefix, exponent] of Object.entries(PREFIXES)) units.set(prefix + unit, { unit, exponent });
  return units;
}

const EXACT = table();
const FOLDED = new Map<string, ScaledUnit>();
for (const [name, scaled] of EXACT) {
  const key = name.toLowerCase();
  // mW and MW fold to one key; meters print mega, never milli
  const known = FOLDED.get(key);
  if (known === undefined || known.exponent < scaled.exponent) FOLDED.set(key, scaled);
}

/** Unit and decimal shift of a unit as meters spell it (`kW`, `kVArh`, `Kvar`, `m3`, `GJ`), or undefined. */
export function scaledUnit(text: string): ScaledUnit | undefined {
  return EXACT.get(text) ?? FOLDED.get(text.toLowerCase()) ?? WORDS[text.toLowerCase()];
}
