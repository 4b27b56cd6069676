import { detailsOf, type Details } from './details.js';
import { mapObjects, type JsonObject } from './json.js';
import { plainQuantities, type FieldTable, type Quantities } from './quantity.js';

const OHMPILOT = {
  power: ['W', 'PowerReal_PAC_Sum'],
  energyConsumed: ['Wh', 'EnergyReal_WAC_Sum_Consumed'],
  temperature: ['Cel', 'Temperature_Channel_1'],
  state: ['1', 'CodeOfState'],
  error: ['1', 'CodeOfError'],
} as const satisfies FieldTable;

export interface OhmpilotReadings {
  readonly quantities: Quantities<typeof OHMPILOT>;
  readonly details: Details;
}

/** `data` of GetOhmPilotRealtimeData with Scope=System, by number; empty where there is none. */
export function decodeOhmpilots(data: JsonObject): ReadonlyMap<string, OhmpilotReadings> {
  return mapObjects(data, (pilot) => ({
    quantities: plainQuantities(pilot, OHMPILOT),
    details: detailsOf(pilot),
  }));
}
