import type { House } from '../house/index.js';
import type { InverterMeasures } from '../sunspec-inverter/index.js';

/** What a body is made of. */
export interface BodySource {
  readonly house: House;
  readonly measures: InverterMeasures;
  readonly kind: SolarApiKind;
  /** Of the inverter's plate; meter and battery have it with a letter behind. */
  readonly serial: string;
  /** ms UTC by the clock of the device. */
  readonly t: number;
  /** Neither sun nor anything to do. */
  readonly isNight: boolean;
}

export const SOLAR_API_KINDS = ['gen24', 'datamanager'] as const;
export type SolarApiKind = (typeof SOLAR_API_KINDS)[number];

type Json = Readonly<Record<string, unknown>>;

const DEVICE_TYPES: Readonly<Record<SolarApiKind, number>> = { gen24: 1, datamanager: 99 };
const [RUNNING, SLEEPING] = [7, 13];
/** By so much more has a GEN24 counted here than in its registers: it counts what its trackers draw. */
const TRACKER_LOSS = 1.03;
const { abs, max, min } = Math;
const PHASES = [0, 1, 2] as const;

const sum = (each: readonly number[]): number => each.reduce((total, one) => total + one, 0);
const share = (part: number, whole: number): number => 100 * min(1, max(0, part / whole));

/** Wh of today, this year and ever; a GEN24 tells the last only. */
function energies({ measures, kind }: BodySource): { day: number | null; year: number | null; total: number } {
  if (kind === 'gen24') return { day: null, year: null, total: measures.produced * TRACKER_LOSS };
  return { day: measures.producedToday, year: measures.producedThisYear, total: measures.produced };
}

/** GetPowerFlowRealtimeData: grid + = import, load − = consumption, battery + = discharge; PV and battery are null by night. */
export function powerFlow(source: BodySource): Json {
  const { house, kind, isNight } = source;
  const { battery } = house;
  const grid = house.meter.power;
  const pv = isNight ? null : house.pv.power;
  const akku = battery === undefined || isNight ? null : -battery.meter.power;
  const load = grid + (pv ?? 0) + (akku ?? 0);
  const { day, year, total } = energies(source);
  const counted = { E_Day: day, E_Year: year, E_Total: total };
  const store = battery && { Battery_Mode: isNight ? 'suspended' : 'normal', SOC: battery.soc };
  return {
    Inverters: { 1: { DT: DEVICE_TYPES[kind], ...counted, P: (pv ?? 0) + (akku ?? 0), ...store } },
    Site: {
      ...counted,
      ...(kind === 'gen24' && { BackupMode: false, BatteryStandby: isNight }),
      ...{ Meter_Location: 'grid', Mode: battery === undefined ? 'meter' : 'bidirectional' },
      ...{ P_Akku: akku, P_Grid: grid, P_Load: -load, P_PV: pv },
      rel_Autonomy: load <= 0 ? 100 : share(load - max(0, grid), load),
      rel_SelfConsumption: pv === null || pv === 0 ? null : share(pv + min(0, grid), pv),
    },
    Version: '12',
  };
}

/** GetInverterRealtimeData of one inverter: values with their units. By night a Datamanager leaves out what it does not have. */
export function inverterData(source: BodySource, collection: string): Json | undefined {
  const { house, kind, isNight } = source;
  const { pv, battery, grid } = house;
  const cell = (unit: string, value: number | null): Json => ({ Unit: unit, Value: value });
  const now = (unit: string, value: number): Json => cell(unit, isNight ? null : value);
  const watt = PHASES.map((i) => -(pv.meter.watt[i]! + (battery?.meter.watt[i] ?? 0)));
  const ampere = PHASES.map((i) => abs(watt[i]!) / grid.voltage[i]!);
  const { day, year, total } = energies(source);
  if (collection === '3PInverterData')
    return Object.fromEntries(PHASES.flatMap((i) => [[`IAC_L${i + 1}`, now('A', ampere[i]!)], [`UAC_L${i + 1}`, now('V', grid.voltage[i]!)]])); // prettier-ignore
  if (collection !== 'CommonInverterData' && collection !== 'CumulationInverterData') return undefined;
  const status = { ErrorCode: 0, StatusCode: isNight ? SLEEPING : RUNNING };
  const state = kind === 'gen24' ? { InverterState: isNight ? 'Sleeping' : 'Running' } : { LEDColor: 2, LEDState: 0, MgmtTimerRemainingTime: -1, StateToReset: false }; // prettier-ignore
  const counted = { DAY_ENERGY: cell('Wh', day), YEAR_ENERGY: cell('Wh', year), TOTAL_ENERGY: cell('Wh', total) };
  const head = { DeviceStatus: { ...status, ...state }, ...counted };
  if (isNight && kind === 'datamanager') return head;
  if (collection === 'CumulationInverterData') return { ...head, PAC: now('W', sum(watt)) };
  const strings = pv.strings.slice(0, kind === 'gen24' ? 4 : 1);
  const direct = strings.flatMap(({ voltage, current }, i) => {
    const suffix = i === 0 ? '' : `_${i + 1}`;
    return [[`UDC${suffix}`, now('V', voltage)], [`IDC${suffix}`, now('A', current)]]; // prettier-ignore
  });
  return {
    ...head,
    ...{ PAC: now('W', sum(watt)), FAC: now('Hz', grid.frequency) },
    ...{ UAC: now('V', grid.voltage[0]!), IAC: now('A', sum(ampere)) },
    ...(kind === 'gen24' && { SAC: now('VA', abs(sum(watt))) }),
    ...(Object.fromEntries(direct) as Json),
  };
}

/** GetInverterRealtimeData of all: by the number of the inverter, under `Value` on a GEN24 and `Values` elsewhere. */
export function inverterSystem(source: BodySource): Json {
  const all = inverterData(source, 'CumulationInverterData') ?? {};
  const under = source.kind === 'gen24' ? 'Value' : 'Values';
  const cells = Object.entries(all).filter(([name]) => name !== 'DeviceStatus') as [string, { Unit: string; Value: unknown }][]; // prettier-ignore
  return Object.fromEntries(cells.map(([name, { Unit, Value }]) => [name, { Unit, [under]: { 1: Value } }]));
}

/** GetStorageRealtimeData; undefined where there is none. */
export function storageData({ house: { battery }, serial, t }: BodySource): Json | undefined {
  if (battery === undefined) return undefined;
  const controller = {
    ...{ Capacity_Maximum: battery.capacity, DesignedCapacity: battery.capacity, Enable: 1 },
    ...{ Current_DC: battery.current, Voltage_DC: battery.voltage, StateOfCharge_Relative: battery.soc },
    ...{ Status_BatteryCell: 3, Temperature_Cell: 21.5, TimeStamp: Math.floor(t / 1000) },
    // real ones fill the serial number up with blanks
    Details: { Manufacturer: 'BYD', Model: 'BYD Battery-Box Premium HV', Serial: `${serial}B     ` },
  };
  return { Controller: controller, Modules: [] };
}

/** GetInverterInfo; the name is in HTML entities on a Datamanager. */
export function inverterInfo({ kind, serial, house, isNight }: BodySource): Json {
  const name = 'House';
  const coded = name.replace(/./g, (letter) => `&#${letter.charCodeAt(0)};`);
  const state = { ErrorCode: 0, StatusCode: isNight ? SLEEPING : RUNNING };
  const said = kind === 'gen24' ? { CustomName: name, InverterState: isNight ? 'Sleeping' : 'Running' } : { CustomName: coded }; // prettier-ignore
  return { 1: { DT: DEVICE_TYPES[kind], PVPower: sum(house.pv.strings.map(({ options }) => options.peak)), Show: 1, UniqueID: serial, ...state, ...said } }; // prettier-ignore
}

/** GetActiveDeviceInfo of all classes; some GEN24 firmwares leave the class of the inverters out. */
export function activeDevices({ kind, serial, house }: BodySource): Json {
  const inverter = { 1: { DT: DEVICE_TYPES[kind], Serial: serial } };
  const rest = {
    Meter: { 0: { DT: -1, Serial: `${serial}M` } },
    Ohmpilot: {},
    Storage: house.battery === undefined ? {} : { 0: { DT: -1, Serial: `${serial}B` } },
  };
  return kind === 'gen24' ? { ...inverter, ...rest } : { Inverter: inverter, ...rest, SensorCard: {}, StringControl: {} }; // prettier-ignore
}
