import type { Phases } from '../model/modes.js';

/** An IEC 61850 reference of an Energy Router, as its topics end with it. */
export interface Reference {
  /** As Storage4Grid calls it, also in SenML. */
  readonly name: string;
  /** Point or set-point here. */
  readonly path: string;
  /** Of a value that comes without one. */
  readonly unit: string;
  readonly topic: string;
}

/** Reference of a set-point. */
export type CommandReference = Reference;

/** Reference of a measure, or of a set-point that the router shows. */
export type MeasureReference = Reference;

interface RouterTopics {
  readonly commands: readonly CommandReference[];
  readonly measures: readonly MeasureReference[];
}

const INVERTER = 'EnergyRouterInverter';
const PV = 'EnergyRouterPV';

const reference = (name: string, path: string, [unit, topic]: readonly [unit: string, topic: string]): Reference => ({ name, path, unit, topic }); // prettier-ignore

const MODE_TOPIC = ['', `${INVERTER}/DRCC1.DERStr.ctlNum`] as const;
const BATTERY_TOPIC = ['W', `${INVERTER}/ZBTC1.BatChaPwr.setMag.f`] as const;
const PV_TOPIC = ['W', `${PV}/MMDC1.Watt.subMag.f`] as const;
const SOC_TOPIC = ['%', `${INVERTER}/ZBAT1.VolChgRte.instMag.f`] as const;
const PV_POWER_TOPIC = ['W', `${PV}/MMDC1.Watt.instMag.f`] as const;

const MODE = reference('DERStart', 'mode/setpoint', MODE_TOPIC);
const BATTERY = reference('PBatRef', 'battery/power/setpoint', BATTERY_TOPIC);
const PLANT = reference('PPvRef', 'pv/power/setpoint', PV_TOPIC);

/** One reference for each phase: the letters of Storage4Grid are the numbers here. */
function perPhase(name: string, path: string, [unit, topic]: readonly [unit: string, topic: string]): Reference[] {
  const phases = { a: 'l1', b: 'l2', c: 'l3' };
  return Object.entries(phases).map(([letter, phase]) =>
    reference(name.replace('?', letter), `${path}/${phase}`, [unit, topic.replace('?', letter.toUpperCase())]),
  );
}

const COMMANDS: Readonly<Record<Phases, readonly CommandReference[]>> = {
  three: [
    ...[MODE, BATTERY, PLANT],
    reference('QGridRef', 'power/reactive/setpoint', ['VAr', `${INVERTER}/MMXU1.TotVAr.subMag.f`]),
    ...perPhase('Q?GridRef', 'power/reactive/setpoint', ['VAr', `${INVERTER}/MMXU1.VAr.phs?.subCVal.mag.f`]),
  ],
  one: [
    ...[MODE, BATTERY, PLANT],
    reference('QGridRef', 'power/reactive/setpoint', ['VAr', `${INVERTER}/MMXN1.VolAmpr.subMag.f`]),
  ],
};

const MEASURES: Readonly<Record<Phases, readonly MeasureReference[]>> = {
  three: [
    reference('SoC', 'battery/soc', SOC_TOPIC),
    // shares its data attribute with its set-point, which therefore is never shown
    reference('PBat', 'battery/power', BATTERY_TOPIC),
    reference('PPv', 'pv/power', PV_POWER_TOPIC),
    reference('PGrid', 'power/active', ['W', `${INVERTER}/MMXU1.TotW.instMag.f`]),
    ...perPhase('P?Grid', 'power/active', ['W', `${INVERTER}/MMXU1.W.phs?.instCVal.mag.f`]),
    reference('QGrid', 'power/reactive', ['VAr', `${INVERTER}/MMXU1.TotVAr.instMag.f`]),
    ...perPhase('Q?Grid', 'power/reactive', ['VAr', `${INVERTER}/MMXU1.VAr.phs?.instCVal.mag.f`]),
  ],
  one: [
    reference('SoC_BAT', 'battery/soc', SOC_TOPIC),
    reference('PBat', 'battery/power', ['W', `${INVERTER}/ZBAT1.Vol.instMag.f`]),
    reference('UBat', 'battery/voltage', ['V', `${INVERTER}/ZBTC1.ChaV.instMag.f`]),
    reference('IBat', 'battery/current', ['A', `${INVERTER}/ZBTC1.ChaA.instMag.f`]),
    reference('PPv', 'pv/power', PV_POWER_TOPIC),
    reference('UPv', 'pv/voltage', ['V', `${PV}/MMDC1.Vol.instMag.f`]),
    reference('IPv', 'pv/current', ['A', `${PV}/MMDC1.Amp.instMag.f`]),
    // printed so in D4.9 and D4.10; the configuration of an SMXCore has the other
    reference('PGrid', 'power/active', ['W', `${INVERTER}/MXN1.Watt.instMag.f`]),
    reference('PGrid', 'power/active', ['W', `${INVERTER}/MMXN1.Watt.instMag.f`]),
    reference('UGrid', 'voltage/l1', ['V', `${INVERTER}/MMXN1.Vol.instMag.f`]),
    reference('IGrid', 'current/l1', ['A', `${INVERTER}/MMXN1.Amp.instMag.f`]),
    reference('QGrid', 'power/reactive', ['VAr', `${INVERTER}/MMXN1.VolAmpr.instMag.f`]),
    reference('UDC-link', 'dc-link/voltage', ['V', `${INVERTER}/MMDC1.Vol.instMag.f`]),
  ],
};

/**
 * Storage4Grid D4.10 tables 5 to 8 (2019-09-30), of the router of so many phases. The set-points are shown on the prefix of the measures
 * where no measure has that topic: documented for one phase, taken as well from a three-phase router that does so. `PGridRef` and
 * `DERStop` of D4.9 are left out: the firmware acknowledges the first and does nothing, of the second nobody says what it does.
 */
export function topicsOf(phases: Phases): RouterTopics {
  const measured = new Set(MEASURES[phases].map(({ topic }) => topic));
  const shown = COMMANDS[phases].filter(({ topic }) => !measured.has(topic));
  return { commands: COMMANDS[phases], measures: [...MEASURES[phases], ...shown] };
}
