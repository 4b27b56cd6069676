import { INVERTER_MODELS_SOURCE, model, numbered, type FieldRow } from './definition.js';

/** Operating state and standard events of an inverter. */
export const INVERTER_SYMBOLS = {
  St: numbered(1, 'off sleeping starting mppt throttled shutting-down fault standby'),
  Evt1: numbered(
    0,
    'ground-fault dc-over-voltage ac-disconnect dc-disconnect grid-disconnect cabinet-open manual-shutdown over-temperature over-frequency under-frequency ac-over-voltage ac-under-voltage blown-string-fuse under-temperature memory-loss hardware-test-failure',
  ),
};

const FIELDS: readonly FieldRow[] = [
  ['A AphA AphB AphC', 'uint16', 'A', 'A_SF'],
  ['A_SF', 'sunssf'],
  ['PPVphAB PPVphBC PPVphCA PhVphA PhVphB PhVphC', 'uint16', 'V', 'V_SF'],
  ['V_SF', 'sunssf'],
  ['W', 'int16', 'W', 'W_SF'],
  ['W_SF', 'sunssf'],
  ['Hz', 'uint16', 'Hz', 'Hz_SF'],
  ['Hz_SF', 'sunssf'],
  ['VA', 'int16', 'VA', 'VA_SF'],
  ['VA_SF', 'sunssf'],
  ['VAr', 'int16', 'var', 'VAr_SF'],
  ['VAr_SF', 'sunssf'],
  ['PF', 'int16', '%', 'PF_SF'],
  ['PF_SF', 'sunssf'],
  ['WH', 'acc32', 'Wh', 'WH_SF'],
  ['WH_SF', 'sunssf'],
  ['DCA', 'uint16', 'A', 'DCA_SF'],
  ['DCA_SF', 'sunssf'],
  ['DCV', 'uint16', 'V', 'DCV_SF'],
  ['DCV_SF', 'sunssf'],
  ['DCW', 'int16', 'W', 'DCW_SF'],
  ['DCW_SF', 'sunssf'],
  ['TmpCab TmpSnk TmpTrns TmpOt', 'int16', 'Cel', 'Tmp_SF'],
  ['Tmp_SF', 'sunssf'],
  ['St StVnd', 'enum16'],
  ['Evt1 Evt2 EvtVnd1 EvtVnd2 EvtVnd3 EvtVnd4', 'bitfield32'],
];

/** Inverters in integers with scale factors: single phase, split phase, three phases. */
export const INVERTER_MODELS = [
  model({ id: 101, name: 'inverter, single phase', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS }, FIELDS),
  model({ id: 102, name: 'inverter, split phase', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS }, FIELDS),
  model({ id: 103, name: 'inverter, three phases', source: INVERTER_MODELS_SOURCE, symbols: INVERTER_SYMBOLS }, FIELDS),
];
