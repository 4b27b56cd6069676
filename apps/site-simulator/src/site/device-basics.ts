import type { Address } from '../line/index.js';
import type { BrokerOptions } from '../mqtt/index.js';
import { given, invalid, type Fields } from './fields.js';

const BROKER = /^mqtts?:\/\/[^\s/@]+$/;

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

/** The broker of a device that is a client of one. Throws SMX_CONFIG_INVALID. */
export function brokerOf(fields: Fields): BrokerOptions {
  const broker = fields.text('broker') ?? 'mqtt://127.0.0.1:1883';
  if (!BROKER.test(broker)) throw invalid(fields.at('broker'), 'a broker as mqtt://127.0.0.1:1883', broker);
  return { broker, ...given({ user: fields.text('user'), password: fields.text('password') }) };
}
