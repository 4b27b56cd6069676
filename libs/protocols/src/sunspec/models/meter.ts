import { METER_MODELS_SOURCE, model, numbered, type FieldRow } from './definition.js';

/** Events of a meter; from bit 16 on they are the maker's own. */
export const METER_SYMBOLS = {
  Evt: numbered(2, 'power-failure under-voltage low-power-factor over-current over-voltage missing-sensor'),
};

const FIELDS: readonly FieldRow[] = [
  ['A AphA AphB AphC', 'int16', 'A', 'A_SF'],
  ['A_SF', 'sunssf'],
  ['PhV PhVphA PhVphB PhVphC PPV PhVphAB PhVphBC PhVphCA', 'int16', 'V', 'V_SF'],
  ['V_SF', 'sunssf'],
  ['Hz', 'int16', 'Hz', 'Hz_SF'],
  ['Hz_SF', 'sunssf'],
  ['W WphA WphB WphC', 'int16', 'W', 'W_SF'],
  ['W_SF', 'sunssf'],
  ['VA VAphA VAphB VAphC', 'int16', 'VA', 'VA_SF'],
  ['VA_SF', 'sunssf'],
  ['VAR VARphA VARphB VARphC', 'int16', 'var', 'VAR_SF'],
  ['VAR_SF', 'sunssf'],
  ['PF PFphA PFphB PFphC', 'int16', '%', 'PF_SF'],
  ['PF_SF', 'sunssf'],
  [
    'TotWhExp TotWhExpPhA TotWhExpPhB TotWhExpPhC TotWhImp TotWhImpPhA TotWhImpPhB TotWhImpPhC',
    'acc32',
    'Wh',
    'TotWh_SF',
  ],
  ['TotWh_SF', 'sunssf'],
  [
    'TotVAhExp TotVAhExpPhA TotVAhExpPhB TotVAhExpPhC TotVAhImp TotVAhImpPhA TotVAhImpPhB TotVAhImpPhC',
    'acc32',
    'VAh',
    'TotVAh_SF',
  ],
  ['TotVAh_SF', 'sunssf'],
  [
    'TotVArhImpQ1 TotVArhImpQ1PhA TotVArhImpQ1PhB TotVArhImpQ1PhC TotVArhImpQ2 TotVArhImpQ2PhA TotVArhImpQ2PhB TotVArhImpQ2PhC TotVArhExpQ3 TotVArhExpQ3PhA TotVArhExpQ3PhB TotVArhExpQ3PhC TotVArhExpQ4 TotVArhExpQ4PhA TotVArhExpQ4PhB TotVArhExpQ4PhC',
    'acc32',
    'varh',
    'TotVArh_SF',
  ],
  ['TotVArh_SF', 'sunssf'],
  ['Evt', 'bitfield32'],
];

// the single phase model names the same voltages otherwise
const SINGLE_PHASE = FIELDS.map(([names, ...rest]): FieldRow => [
  names.replace(/ PhVph(AB|BC|CA)/g, ' PPVph$1'),
  ...rest,
]);

/** Meters in integers with scale factors: single phase, split phase, wye, delta. */
export const METER_MODELS = [
  model({ id: 201, name: 'meter, single phase', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, SINGLE_PHASE),
  model({ id: 202, name: 'meter, split phase', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
  model({ id: 203, name: 'meter, three phases, wye', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
  model({ id: 204, name: 'meter, three phases, delta', source: METER_MODELS_SOURCE, symbols: METER_SYMBOLS }, FIELDS),
];
