import { isSmxError, type SmxError } from '@smx-edge/model';
import {
  decodeActiveDevices,
  decodeInverterInfo,
  GEN24_TYPE,
  type ActiveDevice,
  type JsonObject,
  type SolarApiBody,
  type SolarApiRequest,
} from '@smx-edge/protocols/solar-api';
import { EXTRAS, type Inventory } from './inventory.js';

type Ask = (request: SolarApiRequest) => Promise<SolarApiBody>;

/** Requests that a device may not have, or not for now; what is wrong with the host as a whole is not among them. */
const OF_DEVICE = ['SMX_SOLARAPI_UNSUPPORTED', 'SMX_SOLARAPI_ARGUMENT', 'SMX_SOLARAPI_ABSENT', 'SMX_SOLARAPI_REFUSED', 'SMX_SOLARAPI_TIMEOUT']; // prettier-ignore
/** Loggers number inverters up to 99, and one that is another logger 240. */
const NUMBER = /^\d{1,3}$/;

/** Whether a fault is of what was asked alone: the host answers, and other devices may well be read. */
export function isOfDevice(error: unknown): error is SmxError {
  return isSmxError(error) && OF_DEVICE.includes(error.code);
}

/** Looks for all that a logger has, and notes it. Rejects with what is wrong with the host, or where a part kept silent once all else is noted. */
export async function lookAround(ask: Ask, inventory: Inventory): Promise<void> {
  let silent: SmxError | undefined;
  /** Empty where there is none; undefined where that is not known for now. */
  const dataOf = async (request: SolarApiRequest): Promise<JsonObject | undefined> => {
    try {
      return (await ask(request)).data;
    } catch (error) {
      if (!isOfDevice(error)) throw error;
      if (error.code === 'SMX_SOLARAPI_TIMEOUT') silent ??= error;
      return error.code === 'SMX_SOLARAPI_TIMEOUT' || error.code === 'SMX_SOLARAPI_ABSENT' ? undefined : {};
    }
  };
  const info = await dataOf({ ask: 'inverter-info' });
  const active = decodeActiveDevices((await dataOf({ ask: 'active-devices' })) ?? {});
  if (info !== undefined) noteInverters(inventory, info, active);
  const flow = await dataOf({ ask: 'power-flow' });
  inventory.hasFlow ||= Object.keys(flow ?? {}).length > 0;
  for (const extra of EXTRAS) {
    const data = await dataOf({ ask: extra });
    if (Object.keys(data ?? {}).length > 0) inventory.note(extra);
  }
  if (silent !== undefined) throw silent;
}

function noteInverters(inventory: Inventory, info: JsonObject, active: readonly ActiveDevice[]): void {
  const found = [...decodeInverterInfo(info)].filter(([number]) => NUMBER.test(number));
  const known = found.map(([number, { serial, name, deviceType, state }]) => {
    inventory.noteState(number, state);
    const plate = active.find((one) => one.deviceClass === 'Inverter' && one.number === number)?.serial;
    const serials = [...new Set([plate, serial].filter((each) => each !== undefined))];
    return { number, serials, isGen24: deviceType === GEN24_TYPE, ...(name !== undefined && { name }) };
  });
  inventory.noteInverters(known);
}
