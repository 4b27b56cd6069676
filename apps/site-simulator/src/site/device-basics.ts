import type { Address } from '../line/index.js';
import type { Fields } from './fields.js';

/** What every device is told that is no meter. */
export interface DeviceBasics {
  readonly name: string;
  readonly seed: number;
}

/** Where a device listens. Throws SMX_CONFIG_INVALID. */
export function addressOf(fields: Fields): Address {
  const host = fields.text('host') ?? '127.0.0.1';
  return { host, port: fields.number('port', { min: 0, max: 65_535 }) ?? 0 };
}

/** Number on the plate of the inverter. Throws SMX_CONFIG_INVALID. */
export const inverterSerialOf = (fields: Fields): string => fields.text('serial') ?? '34119102';
