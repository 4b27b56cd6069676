import { detailsOf, stampOf, type Details } from './details.js';
import { flagAt, integerAt, mapObjects, present, type JsonObject } from './json.js';
import { meterPlace, type MeterPlace } from './meter-place.js';
import { plainQuantities, type FieldTable, type Quantities } from './quantity.js';

/**
 * Signs of the wire: at the feed-in point + = import; in the consumption path − = consumption. Behind the classic names are
 * those of a GEN24 firmware. `energyConsumed` and `energyProduced` are what the meter counted; `…Plus` and `…Minus` what
 * that means where it stands. The relative ones of an S0 meter begin anew at every start.
 */
const METER = {
  power: ['W', 'PowerReal_P_Sum', 'SMARTMETER_POWERACTIVE_MEAN_SUM_F64'],
  powerL1: ['W', 'PowerReal_P_Phase_1', 'SMARTMETER_POWERACTIVE_MEAN_01_F64', 'SMARTMETER_POWERACTIVE_01_F64'],
  powerL2: ['W', 'PowerReal_P_Phase_2', 'SMARTMETER_POWERACTIVE_MEAN_02_F64', 'SMARTMETER_POWERACTIVE_02_F64'],
  powerL3: ['W', 'PowerReal_P_Phase_3', 'SMARTMETER_POWERACTIVE_MEAN_03_F64', 'SMARTMETER_POWERACTIVE_03_F64'],
  reactivePower: ['var', 'PowerReactive_Q_Sum', 'SMARTMETER_POWERREACTIVE_MEAN_SUM_F64'],
  reactivePowerL1: ['var', 'PowerReactive_Q_Phase_1', 'SMARTMETER_POWERREACTIVE_01_F64'],
  reactivePowerL2: ['var', 'PowerReactive_Q_Phase_2', 'SMARTMETER_POWERREACTIVE_02_F64'],
  reactivePowerL3: ['var', 'PowerReactive_Q_Phase_3', 'SMARTMETER_POWERREACTIVE_03_F64'],
  apparentPower: ['VA', 'PowerApparent_S_Sum', 'SMARTMETER_POWERAPPARENT_MEAN_SUM_F64'],
  apparentPowerL1: [
    ...(['VA', 'PowerApparent_S_Phase_1'] as const),
    ...(['SMARTMETER_POWERAPPARENT_MEAN_01_F64', 'SMARTMETER_POWERAPPARENT_01_F64'] as const),
  ],
  apparentPowerL2: [
    ...(['VA', 'PowerApparent_S_Phase_2'] as const),
    ...(['SMARTMETER_POWERAPPARENT_MEAN_02_F64', 'SMARTMETER_POWERAPPARENT_02_F64'] as const),
  ],
  apparentPowerL3: [
    ...(['VA', 'PowerApparent_S_Phase_3'] as const),
    ...(['SMARTMETER_POWERAPPARENT_MEAN_03_F64', 'SMARTMETER_POWERAPPARENT_03_F64'] as const),
  ],
  powerFactor: ['1', 'PowerFactor_Sum', 'SMARTMETER_FACTOR_POWER_SUM_F64'],
  powerFactorL1: ['1', 'PowerFactor_Phase_1', 'SMARTMETER_FACTOR_POWER_01_F64'],
  powerFactorL2: ['1', 'PowerFactor_Phase_2', 'SMARTMETER_FACTOR_POWER_02_F64'],
  powerFactorL3: ['1', 'PowerFactor_Phase_3', 'SMARTMETER_FACTOR_POWER_03_F64'],
  voltageL1: ['V', 'Voltage_AC_Phase_1', 'SMARTMETER_VOLTAGE_MEAN_01_F64', 'SMARTMETER_VOLTAGE_01_F64'],
  voltageL2: ['V', 'Voltage_AC_Phase_2', 'SMARTMETER_VOLTAGE_MEAN_02_F64', 'SMARTMETER_VOLTAGE_02_F64'],
  voltageL3: ['V', 'Voltage_AC_Phase_3', 'SMARTMETER_VOLTAGE_MEAN_03_F64', 'SMARTMETER_VOLTAGE_03_F64'],
  voltageL1L2: ['V', 'Voltage_AC_PhaseToPhase_12', 'ACBRIDGE_VOLTAGE_MEAN_12_F32'],
  voltageL2L3: ['V', 'Voltage_AC_PhaseToPhase_23', 'ACBRIDGE_VOLTAGE_MEAN_23_F32'],
  voltageL3L1: ['V', 'Voltage_AC_PhaseToPhase_31', 'ACBRIDGE_VOLTAGE_MEAN_31_F32'],
  voltage: ['V', 'Voltage_AC_Phase_Average'],
  current: ['A', 'Current_AC_Sum'],
  currentL1: ['A', 'Current_AC_Phase_1', 'ACBRIDGE_CURRENT_ACTIVE_MEAN_01_F32'],
  currentL2: ['A', 'Current_AC_Phase_2', 'ACBRIDGE_CURRENT_ACTIVE_MEAN_02_F32'],
  currentL3: ['A', 'Current_AC_Phase_3', 'ACBRIDGE_CURRENT_ACTIVE_MEAN_03_F32'],
  frequency: ['Hz', 'Frequency_Phase_Average', 'GRID_FREQUENCY_MEAN_F32', 'SMARTMETER_FREQUENCY_MEAN_F64'],
  energyConsumed: ['Wh', 'EnergyReal_WAC_Sum_Consumed', 'SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64'],
  energyProduced: ['Wh', 'EnergyReal_WAC_Sum_Produced', 'SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64'],
  energyPlus: ['Wh', 'EnergyReal_WAC_Plus_Absolute', 'SMARTMETER_ENERGYACTIVE_ABSOLUT_PLUS_F64'],
  energyMinus: ['Wh', 'EnergyReal_WAC_Minus_Absolute', 'SMARTMETER_ENERGYACTIVE_ABSOLUT_MINUS_F64'],
  energyPlusRelative: ['Wh', 'EnergyReal_WAC_Plus_Relative'],
  energyMinusRelative: ['Wh', 'EnergyReal_WAC_Minus_Relative'],
  energyConsumedL1: ['Wh', 'EnergyReal_WAC_Phase_1_Consumed'],
  energyConsumedL2: ['Wh', 'EnergyReal_WAC_Phase_2_Consumed'],
  energyConsumedL3: ['Wh', 'EnergyReal_WAC_Phase_3_Consumed'],
  energyProducedL1: ['Wh', 'EnergyReal_WAC_Phase_1_Produced'],
  energyProducedL2: ['Wh', 'EnergyReal_WAC_Phase_2_Produced'],
  energyProducedL3: ['Wh', 'EnergyReal_WAC_Phase_3_Produced'],
  reactiveEnergyConsumed: ['varh', 'EnergyReactive_VArAC_Sum_Consumed', 'SMARTMETER_ENERGYREACTIVE_CONSUMED_SUM_F64'],
  reactiveEnergyProduced: ['varh', 'EnergyReactive_VArAC_Sum_Produced', 'SMARTMETER_ENERGYREACTIVE_PRODUCED_SUM_F64'],
  reactiveEnergyConsumedL1: ['varh', 'EnergyReactive_VArAC_Phase_1_Consumed'],
  reactiveEnergyProducedL1: ['varh', 'EnergyReactive_VArAC_Phase_1_Produced'],
} as const satisfies FieldTable;

export interface MeterReadings {
  readonly quantities: Quantities<typeof METER>;
  /** Clock of the logger when it read the meter, ms UTC. */
  readonly t?: number;
  /** `Meter_Location_Current`. */
  readonly location?: number;
  /** What that means. */
  readonly place?: MeterPlace;
  readonly isEnabled?: boolean;
  readonly isVisible?: boolean;
  readonly details: Details;
}

/** `data` of GetMeterRealtimeData with Scope=System, by the number of the meter; empty where there is none. */
export function decodeMeters(data: JsonObject): ReadonlyMap<string, MeterReadings> {
  return mapObjects(data, decodeMeter);
}

/** `data` of GetMeterRealtimeData with Scope=Device. */
export function decodeMeter(data: JsonObject): MeterReadings {
  const location = integerAt(data, 'Meter_Location_Current') ?? integerAt(data, 'SMARTMETER_VALUE_LOCATION_U16');
  return {
    quantities: plainQuantities(data, METER),
    ...present({
      t: stampOf(data),
      location,
      place: location === undefined ? undefined : meterPlace(location),
      isEnabled: flagAt(data, 'Enable'),
      isVisible: flagAt(data, 'Visible'),
    }),
    details: detailsOf(data),
  };
}
