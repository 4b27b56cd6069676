import { DER_MODELS_SOURCE, model, numbered } from './definition.js';

const STORAGE_SYMBOLS = {
  StorCtl_Mod: numbered(0, 'charge discharge'),
  ChaSt: numbered(1, 'off empty discharging charging full holding testing'),
  ChaGriSet: numbered(0, 'pv grid'),
};

/** The store and its limits: rates are percent of `WChaMax`, positive `OutWRte` discharges, positive `InWRte` charges. */
export const STORAGE = model(
  { id: 124, name: 'storage', source: `${DER_MODELS_SOURCE}, basic storage control`, symbols: STORAGE_SYMBOLS },
  [
    ['WChaMax', 'uint16', 'W', 'WChaMax_SF', 'rw'],
    ['WChaGra WDisChaGra', 'uint16', '%/s', 'WChaDisChaGra_SF', 'rw'],
    ['StorCtl_Mod', 'bitfield16', '', '', 'rw'],
    ['VAChaMax', 'uint16', 'VA', 'VAChaMax_SF', 'rw'],
    ['MinRsvPct', 'uint16', '%', 'MinRsvPct_SF', 'rw'],
    ['ChaState', 'uint16', '%', 'ChaState_SF'],
    ['StorAval', 'uint16', 'A.h', 'StorAval_SF'],
    ['InBatV', 'uint16', 'V', 'InBatV_SF'],
    ['ChaSt', 'enum16'],
    ['OutWRte InWRte', 'int16', '%', 'InOutWRte_SF', 'rw'],
    ['InOutWRte_WinTms InOutWRte_RvrtTms InOutWRte_RmpTms', 'uint16', 's', '', 'rw'],
    ['ChaGriSet', 'enum16', '', '', 'rw'],
    ['WChaMax_SF WChaDisChaGra_SF VAChaMax_SF MinRsvPct_SF ChaState_SF StorAval_SF InBatV_SF InOutWRte_SF', 'sunssf'],
  ],
);
