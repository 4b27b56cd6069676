import { detailsOf, stampOf, type Details } from './details.js';
import { flagAt, isObject, mapObjects, objectAt, present, type JsonObject } from './json.js';
import { plainQuantities, type FieldTable, type Quantities } from './quantity.js';

/** Current as the battery gives it: brands differ in its sign, so that P_Akku of the power flow is the one to go by. */
const CONTROLLER = {
  soc: ['%', 'StateOfCharge_Relative', 'BAT_VALUE_STATE_OF_CHARGE_RELATIVE_U16'],
  voltage: ['V', 'Voltage_DC'],
  current: ['A', 'Current_DC'],
  temperature: ['Cel', 'Temperature_Cell'],
  temperatureMax: ['Cel', 'Temperature_Cell_Maximum'],
  temperatureMin: ['Cel', 'Temperature_Cell_Minimum'],
  cellVoltageMax: ['V', 'Voltage_DC_Maximum_Cell'],
  cellVoltageMin: ['V', 'Voltage_DC_Minimum_Cell'],
  capacity: ['Wh', 'Capacity_Maximum'],
  designedCapacity: ['Wh', 'DesignedCapacity'],
  cycles: ['1', 'CycleCount_BatteryCell'],
  cellStatus: ['1', 'Status_BatteryCell'],
} as const satisfies FieldTable;

export interface BatteryReadings {
  readonly quantities: Quantities<typeof CONTROLLER>;
  /** ms UTC by the clock of the logger. */
  readonly t?: number;
  readonly isEnabled?: boolean;
  readonly details: Details;
}

export interface StorageReadings {
  readonly controller: BatteryReadings;
  /** Empty for batteries that show none. */
  readonly modules: readonly BatteryReadings[];
}

/** `data` of GetStorageRealtimeData with Scope=System, by the number of the storage; empty where there is none. */
export function decodeStorages(data: JsonObject): ReadonlyMap<string, StorageReadings> {
  return mapObjects(data, decodeStorage);
}

/** `data` of GetStorageRealtimeData with Scope=Device. */
export function decodeStorage(data: JsonObject): StorageReadings {
  const modules = data['Modules'];
  return {
    controller: batteryOf(objectAt(data, 'Controller')),
    modules: Array.isArray(modules) ? modules.filter(isObject).map(batteryOf) : [],
  };
}

function batteryOf(data: JsonObject): BatteryReadings {
  return {
    quantities: plainQuantities(data, CONTROLLER),
    ...present({ t: stampOf(data), isEnabled: flagAt(data, 'Enable') }),
    details: detailsOf(data),
  };
}
