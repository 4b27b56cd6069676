import { isObject, objectAt, type JsonObject } from './json.js';
import { cellQuantities, type FieldTable, type Quantities } from './quantity.js';
import { inverterStatus, type InverterStatus } from './state.js';

/**
 * Of all collections; power + = given to the house. On a GEN24 `energyTotal` is another figure than its SunSpec register, and
 * the energies of day and year are null or missing.
 */
const INVERTER = {
  power: ['W', 'PAC'],
  apparentPower: ['VA', 'SAC'],
  voltage: ['V', 'UAC'],
  current: ['A', 'IAC'],
  frequency: ['Hz', 'FAC'],
  energyDay: ['Wh', 'DAY_ENERGY'],
  energyYear: ['Wh', 'YEAR_ENERGY'],
  energyTotal: ['Wh', 'TOTAL_ENERGY'],
  voltageDc1: ['V', 'UDC'],
  voltageDc2: ['V', 'UDC_2'],
  voltageDc3: ['V', 'UDC_3'],
  voltageDc4: ['V', 'UDC_4'],
  currentDc1: ['A', 'IDC'],
  currentDc2: ['A', 'IDC_2'],
  currentDc3: ['A', 'IDC_3'],
  currentDc4: ['A', 'IDC_4'],
  voltageL1: ['V', 'UAC_L1'],
  voltageL2: ['V', 'UAC_L2'],
  voltageL3: ['V', 'UAC_L3'],
  currentL1: ['A', 'IAC_L1'],
  currentL2: ['A', 'IAC_L2'],
  currentL3: ['A', 'IAC_L3'],
  temperatureAmbient: ['Cel', 'T_AMBIENT'],
  powerMaxDay: ['W', 'DAY_PMAX'],
  powerMaxYear: ['W', 'YEAR_PMAX'],
  powerMaxTotal: ['W', 'TOTAL_PMAX'],
  voltageMaxDay: ['V', 'DAY_UACMAX'],
  voltageMaxYear: ['V', 'YEAR_UACMAX'],
  voltageMaxTotal: ['V', 'TOTAL_UACMAX'],
  voltageMinDay: ['V', 'DAY_UACMIN'],
  voltageMinYear: ['V', 'YEAR_UACMIN'],
  voltageMinTotal: ['V', 'TOTAL_UACMIN'],
  voltageDcMaxDay: ['V', 'DAY_UDCMAX'],
  voltageDcMaxYear: ['V', 'YEAR_UDCMAX'],
  voltageDcMaxTotal: ['V', 'TOTAL_UDCMAX'],
} as const satisfies FieldTable;

export interface InverterReadings extends Partial<InverterStatus> {
  readonly quantities: Quantities<typeof INVERTER>;
}

/** `data` of GetInverterRealtimeData with Scope=Device, of any collection. At night it may hold energies only. */
export function decodeInverter(data: JsonObject): InverterReadings {
  return { quantities: cellQuantities(data, INVERTER), ...inverterStatus(objectAt(data, 'DeviceStatus')) };
}

/** `data` of GetInverterRealtimeData with Scope=System, and of pushed inverter data: by the number of the inverter. */
export function decodeInverters(data: JsonObject): ReadonlyMap<string, InverterReadings> {
  const numbers = new Set(Object.values(data).flatMap((cell) => Object.keys(valuesOf(cell)).filter(isNumber)));
  const readingsOf = (number: string): InverterReadings => ({
    quantities: cellQuantities(data, INVERTER, (cell) => valuesOf(cell)[number]),
  });
  return new Map([...numbers].map((number) => [number, readingsOf(number)]));
}

/** Loggers number inverters 1 to 99; what else a body may hold is none. */
const isNumber = (key: string): boolean => /^\d{1,2}$/.test(key);

/** A GEN24 calls `Value` what others call `Values`. */
function valuesOf(cell: unknown): JsonObject {
  const { Values, Value } = isObject(cell) ? cell : {};
  if (isObject(Values)) return Values;
  return isObject(Value) ? Value : {};
}
