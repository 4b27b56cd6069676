import { DER_MODELS_SOURCE, model, numbered } from './definition.js';

/** What the device is built for. */
export const NAMEPLATE = model(
  {
    id: 120,
    name: 'nameplate',
    source: `${DER_MODELS_SOURCE}, nameplate`,
    symbols: { DERTyp: { 4: 'pv', 82: 'pv-storage' } },
  },
  [
    ['DERTyp', 'enum16'],
    ['WRtg', 'uint16', 'W', 'WRtg_SF'],
    ['WRtg_SF', 'sunssf'],
    ['VARtg', 'uint16', 'VA', 'VARtg_SF'],
    ['VARtg_SF', 'sunssf'],
    ['VArRtgQ1 VArRtgQ2 VArRtgQ3 VArRtgQ4', 'int16', 'var', 'VArRtg_SF'],
    ['VArRtg_SF', 'sunssf'],
    ['ARtg', 'uint16', 'A', 'ARtg_SF'],
    ['ARtg_SF', 'sunssf'],
    ['PFRtgQ1 PFRtgQ2 PFRtgQ3 PFRtgQ4', 'int16', '1', 'PFRtg_SF'],
    ['PFRtg_SF', 'sunssf'],
    ['WHRtg', 'uint16', 'Wh', 'WHRtg_SF'],
    ['WHRtg_SF', 'sunssf'],
    ['AhrRtg', 'uint16', 'A.h', 'AhrRtg_SF'],
    ['AhrRtg_SF', 'sunssf'],
    ['MaxChaRte', 'uint16', 'W', 'MaxChaRte_SF'],
    ['MaxChaRte_SF', 'sunssf'],
    ['MaxDisChaRte', 'uint16', 'W', 'MaxDisChaRte_SF'],
    ['MaxDisChaRte_SF', 'sunssf'],
    ['Pad', 'pad'],
  ],
);

const SETTINGS_SYMBOLS = {
  VArAct: numbered(1, 'switch maintain'),
  ClcTotVA: numbered(1, 'vector arithmetic'),
  ConnPh: numbered(1, 'a b c'),
};

/** What it is set to: the references of its percentages. */
export const SETTINGS = model(
  { id: 121, name: 'settings', source: `${DER_MODELS_SOURCE}, basic settings`, symbols: SETTINGS_SYMBOLS },
  [
    ['WMax', 'uint16', 'W', 'WMax_SF', 'rw'],
    ['VRef', 'uint16', 'V', 'VRef_SF', 'rw'],
    ['VRefOfs', 'int16', 'V', 'VRefOfs_SF', 'rw'],
    ['VMax VMin', 'uint16', 'V', 'VMinMax_SF', 'rw'],
    ['VAMax', 'uint16', 'VA', 'VAMax_SF', 'rw'],
    ['VArMaxQ1 VArMaxQ2 VArMaxQ3 VArMaxQ4', 'int16', 'var', 'VArMax_SF', 'rw'],
    ['WGra', 'uint16', '%/s', 'WGra_SF', 'rw'],
    ['PFMinQ1 PFMinQ2 PFMinQ3 PFMinQ4', 'int16', '1', 'PFMin_SF', 'rw'],
    ['VArAct ClcTotVA', 'enum16', '', '', 'rw'],
    ['MaxRmpRte', 'uint16', '%', 'MaxRmpRte_SF', 'rw'],
    ['ECPNomHz', 'uint16', 'Hz', 'ECPNomHz_SF', 'rw'],
    ['ConnPh', 'enum16', '', '', 'rw'],
    ['WMax_SF VRef_SF VRefOfs_SF VMinMax_SF VAMax_SF VArMax_SF WGra_SF PFMin_SF MaxRmpRte_SF ECPNomHz_SF', 'sunssf'],
  ],
);
