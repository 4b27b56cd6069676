import { INVERTER_MODELS_SOURCE, model, type FieldRow } from './definition.js';
import { INVERTER_SYMBOLS } from './inverter.js';

const FIELDS: readonly FieldRow[] = [
  ['A AphA AphB AphC', 'float32', 'A'],
  ['PPVphAB PPVphBC PPVphCA PhVphA PhVphB PhVphC', 'float32', 'V'],
  ['W', 'float32', 'W'],
  ['Hz', 'float32', 'Hz'],
  ['VA', 'float32', 'VA'],
  ['VAr', 'float32', 'var'],
  ['PF', 'float32', '%'],
  ['WH', 'float32', 'Wh'],
  ['DCA', 'float32', 'A'],
  ['DCV', 'float32', 'V'],
  ['DCW', 'float32', 'W'],
  ['TmpCab TmpSnk TmpTrns TmpOt', 'float32', 'Cel'],
  ['St StVnd', 'enum16'],
  ['Evt1 Evt2 EvtVnd1 EvtVnd2 EvtVnd3 EvtVnd4', 'bitfield32'],
];

/** Inverters in floating point: single phase, split phase, three phases. */
export const INVERTER_FLOAT_MODELS = [
  model(
    { id: 111, name: 'inverter, single phase, float', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS },
    FIELDS,
  ),
  model(
    { id: 112, name: 'inverter, split phase, float', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS },
    FIELDS,
  ),
  model(
    { id: 113, name: 'inverter, three phases, float', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS },
    FIELDS,
  ),
];
