import { METER_MODELS_SOURCE, model, type FieldRow } from './definition.js';
import { METER_SYMBOLS } from './meter.js';

const FIELDS: readonly FieldRow[] = [
  ['A AphA AphB AphC', 'float32', 'A'],
  ['PhV PhVphA PhVphB PhVphC PPV PPVphAB PPVphBC PPVphCA', 'float32', 'V'],
  ['Hz', 'float32', 'Hz'],
  ['W WphA WphB WphC', 'float32', 'W'],
  ['VA VAphA VAphB VAphC', 'float32', 'VA'],
  ['VAR VARphA VARphB VARphC', 'float32', 'var'],
  ['PF PFphA PFphB PFphC', 'float32', '1'],
  ['TotWhExp TotWhExpPhA TotWhExpPhB TotWhExpPhC TotWhImp TotWhImpPhA TotWhImpPhB TotWhImpPhC', 'float32', 'Wh'],
  [
    'TotVAhExp TotVAhExpPhA TotVAhExpPhB TotVAhExpPhC TotVAhImp TotVAhImpPhA TotVAhImpPhB TotVAhImpPhC',
    'float32',
    'VAh',
  ],
  [
    'TotVArhImpQ1 TotVArhImpQ1phA TotVArhImpQ1phB TotVArhImpQ1phC TotVArhImpQ2 TotVArhImpQ2phA TotVArhImpQ2phB TotVArhImpQ2phC TotVArhExpQ3 TotVArhExpQ3phA TotVArhExpQ3phB TotVArhExpQ3phC TotVArhExpQ4 TotVArhExpQ4phA TotVArhExpQ4phB TotVArhExpQ4phC',
    'float32',
    'varh',
  ],
  ['Evt', 'bitfield32'],
];

/** Meters in floating point: single phase, split phase, wye, delta. */
export const METER_FLOAT_MODELS = [
  model({ id: 211, name: 'meter, single phase, float', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
  model({ id: 212, name: 'meter, split phase, float', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
  model({ id: 213, name: 'meter, wye, float', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
  model({ id: 214, name: 'meter, delta, float', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
];
