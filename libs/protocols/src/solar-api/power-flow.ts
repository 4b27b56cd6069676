import { flagAt, integerAt, mapObjects, objectAt, present, type JsonObject } from './json.js';
import { plainQuantities, type FieldTable, type Quantities } from './quantity.js';
import { textAt } from './text.js';

/** Signs of the wire: grid + = import; load − = consumption; battery + = discharge; PV ≥ 0. */
const SITE = {
  pv: ['W', 'P_PV'],
  grid: ['W', 'P_Grid'],
  load: ['W', 'P_Load'],
  battery: ['W', 'P_Akku'],
  energyDay: ['Wh', 'E_Day'],
  energyYear: ['Wh', 'E_Year'],
  energyTotal: ['Wh', 'E_Total'],
  autonomy: ['%', 'rel_Autonomy'],
  selfConsumption: ['%', 'rel_SelfConsumption'],
} as const satisfies FieldTable;

/** Power + = given to the house. */
const INVERTER = {
  power: ['W', 'P'],
  soc: ['%', 'SOC'],
  energyDay: ['Wh', 'E_Day'],
  energyYear: ['Wh', 'E_Year'],
  energyTotal: ['Wh', 'E_Total'],
} as const satisfies FieldTable;

const SECONDARY = { power: ['W', 'P'] } as const satisfies FieldTable;
const OHMPILOT = { power: ['W', 'P_AC_Total'], temperature: ['Cel', 'Temperature'] } as const satisfies FieldTable;

export interface FlowInverter {
  readonly quantities: Quantities<typeof INVERTER>;
  readonly deviceType?: number;
  /** `normal`, `disabled`, `suspended` …; only of hybrids. */
  readonly batteryMode?: string;
}

export interface FlowMeter {
  readonly quantities: Quantities<typeof SECONDARY>;
  readonly label?: string;
  readonly category?: string;
  /** As `MeterReadings.location`. */
  readonly location?: number;
}

export interface FlowOhmpilot {
  readonly quantities: Quantities<typeof OHMPILOT>;
  readonly state?: string;
}

/** The site at one moment. At night and in standby powers are null or missing: neither is 0. */
export interface PowerFlow {
  readonly site: Quantities<typeof SITE>;
  /** `produce-only`, `meter`, `vague-meter` (a meter in the consumption path), `bidirectional`. */
  readonly mode?: string;
  /** `grid`, `load`, `unknown`. */
  readonly meterLocation?: string;
  readonly isBackup?: boolean;
  readonly isBatteryStandby?: boolean;
  /** By the number of the inverter; empty where the logger reaches none. */
  readonly inverters: ReadonlyMap<string, FlowInverter>;
  readonly secondaryMeters: ReadonlyMap<string, FlowMeter>;
  readonly ohmpilots: ReadonlyMap<string, FlowOhmpilot>;
}

/** `data` of GetPowerFlowRealtimeData. */
export function decodePowerFlow(data: JsonObject): PowerFlow {
  const site = objectAt(data, 'Site');
  return {
    site: plainQuantities(site, SITE),
    ...present({
      mode: textAt(site, 'Mode'),
      meterLocation: textAt(site, 'Meter_Location'),
      isBackup: flagAt(site, 'BackupMode'),
      isBatteryStandby: flagAt(site, 'BatteryStandby'),
    }),
    inverters: mapObjects(objectAt(data, 'Inverters'), (inverter) => ({
      quantities: plainQuantities(inverter, INVERTER),
      ...present({ deviceType: integerAt(inverter, 'DT'), batteryMode: textAt(inverter, 'Battery_Mode') }),
    })),
    secondaryMeters: mapObjects(objectAt(data, 'SecondaryMeters'), (meter) => ({
      quantities: plainQuantities(meter, SECONDARY),
      ...present({
        label: textAt(meter, 'Label'),
        category: textAt(meter, 'Category'),
        location: integerAt(meter, 'MLoc'),
      }),
    })),
    ohmpilots: mapObjects(objectAt(objectAt(data, 'Smartloads'), 'Ohmpilots'), (pilot) => ({
      quantities: plainQuantities(pilot, OHMPILOT),
      ...present({ state: textAt(pilot, 'State') }),
    })),
  };
}
