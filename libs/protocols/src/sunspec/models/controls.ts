import { DER_MODELS_SOURCE, model, numbered } from './definition.js';

const CONNECTION = numbered(0, 'connected available operating test');
const STATUS_SYMBOLS = {
  PVConn: CONNECTION,
  StorConn: CONNECTION,
  ECPConn: numbered(0, 'disconnected connected'),
  StSetLimMsk: numbered(0, 'WMax VAMax VArAval VArMaxQ1 VArMaxQ2 VArMaxQ3 VArMaxQ4 PFMinQ1 PFMinQ2 PFMinQ3 PFMinQ4'),
  StActCtl: {
    ...numbered(
      0,
      'fixed-w fixed-var fixed-pf volt-var freq-watt-parameters freq-watt-curve dynamic-reactive-current lvrt hvrt watt-pf volt-watt',
    ),
    ...numbered(12, 'scheduled lfrt hfrt'),
  },
  RtSt: numbered(0, 'lvrt hvrt lfrt hfrt'),
};

/** What the device does and has done, and which controls hold. */
export const STATUS = model(
  {
    id: 122,
    name: 'status',
    source: `${DER_MODELS_SOURCE}, extended measurements and status`,
    symbols: STATUS_SYMBOLS,
  },
  [
    ['PVConn StorConn ECPConn', 'bitfield16'],
    ['ActWh', 'acc64', 'Wh'],
    ['ActVAh', 'acc64', 'VAh'],
    ['ActVArhQ1 ActVArhQ2 ActVArhQ3 ActVArhQ4', 'acc64', 'varh'],
    ['VArAval', 'int16', 'var', 'VArAval_SF'],
    ['VArAval_SF', 'sunssf'],
    ['WAval', 'uint16', 'var', 'WAval_SF'],
    ['WAval_SF', 'sunssf'],
    ['StSetLimMsk StActCtl', 'bitfield32'],
    ['TmSrc', 'string4'],
    ['Tms', 'uint32', 's'],
    ['RtSt', 'bitfield16'],
    ['Ris', 'uint16', 'Ohm', 'Ris_SF'],
    ['Ris_SF', 'sunssf'],
  ],
);

const ENABLED = numbered(0, 'disabled enabled');
const CONTROL_SYMBOLS = {
  Conn: numbered(0, 'disconnect connect'),
  WMaxLim_Ena: ENABLED,
  OutPFSet_Ena: ENABLED,
  VArPct_Mod: numbered(0, 'none WMax VArMax VArAval'),
  VArPct_Ena: ENABLED,
};

/** Limits of what it gives to the grid, with their timers in seconds. */
export const CONTROLS = model(
  { id: 123, name: 'controls', source: `${DER_MODELS_SOURCE}, immediate controls`, symbols: CONTROL_SYMBOLS },
  [
    ['Conn_WinTms Conn_RvrtTms', 'uint16', 's', '', 'rw'],
    ['Conn', 'enum16', '', '', 'rw'],
    ['WMaxLimPct', 'uint16', '%', 'WMaxLimPct_SF', 'rw'],
    ['WMaxLimPct_WinTms WMaxLimPct_RvrtTms WMaxLimPct_RmpTms', 'uint16', 's', '', 'rw'],
    ['WMaxLim_Ena', 'enum16', '', '', 'rw'],
    ['OutPFSet', 'int16', '1', 'OutPFSet_SF', 'rw'],
    ['OutPFSet_WinTms OutPFSet_RvrtTms OutPFSet_RmpTms', 'uint16', 's', '', 'rw'],
    ['OutPFSet_Ena', 'enum16', '', '', 'rw'],
    ['VArWMaxPct VArMaxPct VArAvalPct', 'int16', '%', 'VArPct_SF', 'rw'],
    ['VArPct_WinTms VArPct_RvrtTms VArPct_RmpTms', 'uint16', 's', '', 'rw'],
    ['VArPct_Mod VArPct_Ena', 'enum16', '', '', 'rw'],
    ['WMaxLimPct_SF OutPFSet_SF VArPct_SF', 'sunssf'],
  ],
);
