import { integerAt, isObject, mapObjects, objectAt, present, type JsonObject } from './json.js';
import { quantityOf, type Quantity } from './quantity.js';
import { inverterStatus, type InverterStatus } from './state.js';
import { textAt } from './text.js';

/** `DT` of GEN24, Verto and Tauro. */
export const GEN24_TYPE = 1;

export interface InverterInfo extends Partial<InverterStatus> {
  /** `DT`; 1 is a GEN24. */
  readonly deviceType?: number;
  readonly name?: string;
  /** `UniqueID`; left out where the inverter has none. */
  readonly serial?: string;
  /** Nominal power of the modules, W; firmwares write 0 or 500 where nobody set it. */
  readonly pvPower?: Quantity;
}

/** `data` of GetInverterInfo, by the number of the inverter. */
export function decodeInverterInfo(data: JsonObject): ReadonlyMap<string, InverterInfo> {
  return mapObjects(data, (inverter) => ({
    ...present({
      deviceType: integerAt(inverter, 'DT'),
      name: textAt(inverter, 'CustomName'),
      serial: textAt(inverter, 'UniqueID'),
      pvPower: 'PVPower' in inverter ? quantityOf(inverter['PVPower'], 'W') : undefined,
    }),
    ...inverterStatus(inverter),
  }));
}

export const DEVICE_CLASSES = ['Inverter', 'Meter', 'Storage', 'Ohmpilot', 'SensorCard', 'StringControl'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

export interface ActiveDevice {
  readonly deviceClass: DeviceClass;
  /** Number of the device within its class. */
  readonly number: string;
  readonly deviceType?: number;
  readonly serial?: string;
}

/**
 * `data` of GetActiveDeviceInfo with DeviceClass=System. A GEN24 firmware leaves the level `Inverter` out and puts the
 * inverter beside the other classes.
 */
export function decodeActiveDevices(data: JsonObject): readonly ActiveDevice[] {
  const loose = Object.entries(data).filter(([key, value]) => /^\d+$/.test(key) && isObject(value));
  const inverters = { ...Object.fromEntries(loose), ...objectAt(data, 'Inverter') };
  return DEVICE_CLASSES.flatMap((deviceClass) => {
    const devices = deviceClass === 'Inverter' ? inverters : objectAt(data, deviceClass);
    return [...mapObjects(devices, (device, number) => activeDevice(device, { deviceClass, number })).values()];
  });
}

function activeDevice(device: JsonObject, place: Pick<ActiveDevice, 'deviceClass' | 'number'>): ActiveDevice {
  return { ...place, ...present({ deviceType: integerAt(device, 'DT'), serial: textAt(device, 'Serial') }) };
}

export interface LoggerInfo {
  /** `fronius-datamanager-card`, `fronius-hybrid` … */
  readonly product?: string;
  readonly software?: string;
  readonly hardware?: string;
  readonly serial?: string;
  /** Seconds east of UTC, as the clock of the logger is set. */
  readonly utcOffset?: number;
}

/** `data` of GetLoggerInfo; a GEN24 answers that it is not supported. */
export function decodeLoggerInfo(data: JsonObject): LoggerInfo {
  return present({
    product: textAt(data, 'ProductID'),
    software: textAt(data, 'SWVersion'),
    hardware: textAt(data, 'HWVersion'),
    serial: textAt(data, 'UniqueID'),
    utcOffset: integerAt(data, 'UTCOffset'),
  });
}
