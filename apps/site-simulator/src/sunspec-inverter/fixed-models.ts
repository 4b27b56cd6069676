import type { House } from '../house/index.js';
import type { Flavour } from './flavour.js';
import { deviceSeconds, type Measured } from './inverter-models.js';

const [PV, PV_STORAGE] = [4, 82];
const VOLT = 230;
const ALL_CONNECTED = 7;

const of = (values: Measured['values']): Measured => ({ values, blocks: [] });

/** Model 1 of the inverter, and of its meter. */
export function commonModel(
  { manufacturer, model, version }: Flavour,
  o: { readonly serial: string; readonly unit: number; readonly isMeter: boolean },
): Measured {
  const meter = { Md: 'Smart Meter TS 65A-3', Opt: '<primary>', Vr: '1.5' };
  return of({ Mn: manufacturer, ...(o.isMeter ? meter : { Md: model, Vr: version }), SN: o.serial, DA: o.unit });
}

/** Model 120: what the inverter is built for, W, and its battery, Wh. */
export function nameplate({ battery }: House, rating: number, chargeMax: number): Measured {
  const reactive = { VArRtgQ1: rating, VArRtgQ2: rating, VArRtgQ3: -rating, VArRtgQ4: -rating };
  const factors = { PFRtgQ1: 0, PFRtgQ2: 0, PFRtgQ3: 0, PFRtgQ4: 0 };
  const store = battery && { WHRtg: battery.capacity, MaxChaRte: chargeMax, MaxDisChaRte: chargeMax };
  const DERTyp = battery === undefined ? PV : PV_STORAGE;
  return of({ DERTyp, WRtg: rating, VARtg: rating, ...reactive, ARtg: rating / 3 / VOLT, ...factors, ...store });
}

/** Model 121: what its percentages are of. */
export function settings(rating: number): Measured {
  const reactive = { VArMaxQ1: rating, VArMaxQ2: rating, VArMaxQ3: -rating, VArMaxQ4: -rating };
  const factors = { PFMinQ1: 0, PFMinQ2: 0, PFMinQ3: 0, PFMinQ4: 0 };
  return of({ WMax: rating, VRef: VOLT, VRefOfs: 0, VAMax: rating, ...reactive, ...factors });
}

/** Model 122: what is connected, and which controls hold (their bits as in the model). */
export function status(house: House, o: { readonly produced: number; readonly controls: number }): Measured {
  const connected = { PVConn: ALL_CONNECTED, ECPConn: 1, ...(house.battery && { StorConn: ALL_CONNECTED }) };
  return of({ ...connected, ActWh: Math.floor(o.produced), StActCtl: o.controls, TmSrc: 'RTC', Tms: deviceSeconds(house), Ris: 14_956_000 }); // prettier-ignore
}
