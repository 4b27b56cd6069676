/** Storage4Grid D4.10 tables 5 to 8: IEC 61850 references of an Energy Router, leading slash and all. */

export const ROUTER_PHASES = ['one', 'three'] as const;
/** The single-phase one of Bucharest, or the three-phase one of Skive. */
export type RouterPhases = (typeof ROUTER_PHASES)[number];

export interface Reference {
  readonly name: string;
  readonly unit: string;
  readonly path: string;
}

/** Who writes to it, each as good as the others: nobody arbitrates. */
export const WRITERS = ['/PROFESS/SMX/', '/LESSAg/SMX/', '/DSF/SMX/'] as const;
export const MEASURES_PREFIX = '/ER/SMX/';

const at = (name: string, unit: string, path: string): Reference => ({ name, unit, path });
const INVERTER = 'EnergyRouterInverter';
const PV = 'EnergyRouterPV';
const MODE = at('DERStart', '', `${INVERTER}/DRCC1.DERStr.ctlNum`);
const BATTERY = at('PBatRef', 'W', `${INVERTER}/ZBTC1.BatChaPwr.setMag.f`);
const PLANT = at('PPvRef', 'W', `${PV}/MMDC1.Watt.subMag.f`);

/** What can be set; `PGridRef` is of D4.9 alone, and the firmware takes it and does nothing with it. */
export const SETPOINTS: Readonly<Record<RouterPhases, readonly Reference[]>> = {
  one: [
    ...[MODE, BATTERY, PLANT],
    at('QGridRef', 'VAr', `${INVERTER}/MMXN1.VolAmpr.subMag.f`),
    at('PGridRef', 'W', `${INVERTER}/MMXN1.Watt.subMag.f`),
  ],
  three: [
    ...[MODE, BATTERY, PLANT],
    at('QGridRef', 'VAr', `${INVERTER}/MMXU1.TotVAr.subMag.f`),
    ...['a', 'b', 'c'].map((phase) => at(`Q${phase}GridRef`, 'VAr', `${INVERTER}/MMXU1.VAr.phs${phase.toUpperCase()}.subCVal.mag.f`)), // prettier-ignore
    at('PGridRef', 'W', `${INVERTER}/MMXU1.TotW.subMag.f`),
  ],
};

/** What it tells. */
export const MEASURES: Readonly<Record<RouterPhases, readonly Reference[]>> = {
  one: [
    at('SoC_BAT', '%', `${INVERTER}/ZBAT1.VolChgRte.instMag.f`),
    at('PBat', 'W', `${INVERTER}/ZBAT1.Vol.instMag.f`),
    at('UBat', 'V', `${INVERTER}/ZBTC1.ChaV.instMag.f`),
    at('IBat', 'A', `${INVERTER}/ZBTC1.ChaA.instMag.f`),
    at('PPv', 'W', `${PV}/MMDC1.Watt.instMag.f`),
    at('UPv', 'V', `${PV}/MMDC1.Vol.instMag.f`),
    at('IPv', 'A', `${PV}/MMDC1.Amp.instMag.f`),
    // printed so in D4.9 and D4.10; SMXCore's own configuration has MMXN1
    at('PGrid', 'W', `${INVERTER}/MXN1.Watt.instMag.f`),
    at('UGrid', 'V', `${INVERTER}/MMXN1.Vol.instMag.f`),
    at('IGrid', 'A', `${INVERTER}/MMXN1.Amp.instMag.f`),
    at('QGrid', 'VAr', `${INVERTER}/MMXN1.VolAmpr.instMag.f`),
    at('UDC-link', 'V', `${INVERTER}/MMDC1.Vol.instMag.f`),
  ],
  three: [
    at('SoC', '%', `${INVERTER}/ZBAT1.VolChgRte.instMag.f`),
    // shares its data attribute with its set-point: only the prefix differs
    at('PBat', 'W', BATTERY.path),
    at('PPv', 'W', `${PV}/MMDC1.Watt.instMag.f`),
    at('PGrid', 'W', `${INVERTER}/MMXU1.TotW.instMag.f`),
    ...['a', 'b', 'c'].map((phase) => at(`P${phase}Grid`, 'W', `${INVERTER}/MMXU1.W.phs${phase.toUpperCase()}.instCVal.mag.f`)), // prettier-ignore
    at('QGrid', 'VAr', `${INVERTER}/MMXU1.TotVAr.instMag.f`),
    ...['a', 'b', 'c'].map((phase) => at(`Q${phase}Grid`, 'VAr', `${INVERTER}/MMXU1.VAr.phs${phase.toUpperCase()}.instCVal.mag.f`)), // prettier-ignore
  ],
};

/** Set-points that it tells of; where a measure has the same topic, that is all there is. */
export function readBacks(phases: RouterPhases): readonly Reference[] {
  const measured = new Set(MEASURES[phases].map(({ path }) => path));
  return SETPOINTS[phases].filter(({ path }) => !measured.has(path));
}
