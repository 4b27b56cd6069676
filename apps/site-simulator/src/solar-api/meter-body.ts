import type { BodySource } from './bodies.js';

type Json = Readonly<Record<string, unknown>>;

const { hypot } = Math;

/** Names of a GEN24 firmware for what all others call by the ones in front. */
const RENAMED: Readonly<Record<string, string>> = {
  PowerReal_P_Sum: 'SMARTMETER_POWERACTIVE_MEAN_SUM_F64',
  ...Object.fromEntries([1, 2, 3].flatMap((i) => [
    [`PowerReal_P_Phase_${i}`, `SMARTMETER_POWERACTIVE_MEAN_0${i}_F64`],
    [`PowerReactive_Q_Phase_${i}`, `SMARTMETER_POWERREACTIVE_0${i}_F64`],
    [`PowerApparent_S_Phase_${i}`, `SMARTMETER_POWERAPPARENT_MEAN_0${i}_F64`],
    [`Voltage_AC_Phase_${i}`, `SMARTMETER_VOLTAGE_MEAN_0${i}_F64`],
    [`Current_AC_Phase_${i}`, `ACBRIDGE_CURRENT_ACTIVE_MEAN_0${i}_F32`],
  ])), // prettier-ignore
  PowerReactive_Q_Sum: 'SMARTMETER_POWERREACTIVE_MEAN_SUM_F64',
  PowerApparent_S_Sum: 'SMARTMETER_POWERAPPARENT_MEAN_SUM_F64',
  Frequency_Phase_Average: 'GRID_FREQUENCY_MEAN_F32',
  EnergyReal_WAC_Sum_Consumed: 'SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64',
  EnergyReal_WAC_Sum_Produced: 'SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64',
  EnergyReal_WAC_Plus_Absolute: 'SMARTMETER_ENERGYACTIVE_ABSOLUT_PLUS_F64',
  EnergyReal_WAC_Minus_Absolute: 'SMARTMETER_ENERGYACTIVE_ABSOLUT_MINUS_F64',
  Meter_Location_Current: 'SMARTMETER_VALUE_LOCATION_U16',
};

/** GetMeterRealtimeData of the meter at the connection, W + = import. */
export function meterData({ house, serial, t }: BodySource, isRenamed: boolean): Json {
  const { meter, phases, reactive, grid } = house;
  const apparent = [0, 1, 2].map((i) => hypot(phases[i]!, reactive[i]!));
  const per = (name: string, each: ArrayLike<number>): Json =>
    Object.fromEntries([1, 2, 3].map((i) => [`${name}_${i}`, each[i - 1]]));
  const total = (each: ArrayLike<number>): number => each[0]! + each[1]! + each[2]!;
  const [bought, sold] = [meter.wattHours('import'), meter.wattHours('export')];
  const read: Json = {
    ...per('Current_AC_Phase', grid.current),
    ...{ EnergyReactive_VArAC_Sum_Consumed: meter.reactive.import / 3600 },
    ...{ EnergyReactive_VArAC_Sum_Produced: meter.reactive.export / 3600 },
    ...{ EnergyReal_WAC_Sum_Consumed: bought, EnergyReal_WAC_Plus_Absolute: bought },
    ...{ EnergyReal_WAC_Sum_Produced: sold, EnergyReal_WAC_Minus_Absolute: sold },
    ...{ Frequency_Phase_Average: grid.frequency, Meter_Location_Current: 0 },
    ...per('PowerApparent_S_Phase', apparent),
    ...per('PowerReactive_Q_Phase', reactive),
    ...per('PowerReal_P_Phase', phases),
    ...{ PowerApparent_S_Sum: total(apparent), PowerReactive_Q_Sum: total(reactive), PowerReal_P_Sum: meter.power },
    ...per('Voltage_AC_Phase', grid.voltage),
    ...{ Voltage_AC_PhaseToPhase_12: grid.between(0, 1), Voltage_AC_PhaseToPhase_23: grid.between(1, 2) },
    Voltage_AC_PhaseToPhase_31: grid.between(2, 0),
  };
  const named = isRenamed ? Object.fromEntries(Object.entries(read).map(([name, value]) => [RENAMED[name] ?? name, value])) : read; // prettier-ignore
  const details = { Manufacturer: 'Fronius', Model: 'Smart Meter TS 65A-3', Serial: `${serial}M` };
  return { ...named, Details: details, Enable: 1, Visible: 1, TimeStamp: Math.floor(t / 1000) };
}
