import { FIRST_BAUD, speedOf } from '@smx-edge/protocols/iec62056-21';
import { DIALECT_NAMES, IEC_FAULTS, IEC_MODES, type IecMode, type IecPortOptions } from '../iec62056-meter/index.js';
import { faultsOf } from './fault-config.js';
import { Fields, given, invalid } from './fields.js';
import { daysOf, serialOf, type MeterBasics } from './meter-basics.js';

export interface IecMeterConfig extends IecPortOptions {
  readonly protocol: 'iec62056-21';
  readonly name: string;
  /** Days of load profile before the house began. */
  readonly days: number;
  /** Between two telegrams of mode D, ms. */
  readonly interval: number;
}

const ADDRESS = /^[0-9A-Za-z ]{1,32}$/;
const PASSWORD = /^[ -'*-~]{1,32}$/;
const WHOLE_BLOCK = 1024;

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function iecMeter(fields: Fields, basics: MeterBasics): IecMeterConfig {
  const mode = fields.oneOf('mode', IEC_MODES) ?? 'C';
  const password = fields.text('password');
  if (password !== undefined && !PASSWORD.test(password))
    throw invalid(fields.at('password'), 'up to 32 characters without brackets', undefined);
  return {
    ...basics,
    protocol: 'iec62056-21',
    mode,
    family: fields.oneOf('family', DIALECT_NAMES) ?? 'generic',
    serial: serialOf(fields),
    addresses: addressesOf(fields),
    stamp: fields.oneOf('stamp', ['end', 'start']) ?? 'end',
    block: fields.number('block', { min: 16, max: 65_536 }) ?? WHOLE_BLOCK,
    framed: fields.oneOf('readout', ['framed', 'plain']) !== 'plain',
    protected: protectedOf(fields),
    interval: (fields.number('interval', { min: 0.1, max: 3600 }) ?? 2) * 1000,
    days: daysOf(fields),
    ...given({ pty: fields.text('pty'), baud: baudOf(fields, mode), password, faults: faultsOf(fields, IEC_FAULTS) }),
  };
}

function baudOf(fields: Fields, mode: IecMode): number | undefined {
  const baud = fields.number('baud', { min: FIRST_BAUD, max: 19_200 });
  if (baud === undefined) return undefined;
  const isOffered = mode === 'A' ? baud === FIRST_BAUD : speedOf(baud, mode === 'B' ? 'B' : 'C') !== undefined;
  if (!isOffered) throw invalid(fields.at('baud'), `a speed that mode ${mode} has, 300 to 19200`, baud);
  return baud;
}

function protectedOf(fields: Fields): string[] {
  const list = fields.list('protected') ?? [];
  const addresses = list.filter((each) => typeof each === 'string');
  if (addresses.length < list.length) throw invalid(fields.at('protected'), 'a list of addresses as "C.7.0"', list);
  return addresses;
}

function addressesOf(fields: Fields): (string | undefined)[] {
  return (fields.list('devices') ?? [{}]).map((each, n) => {
    const device = new Fields(each, fields.at(`devices[${n}]`));
    const address = device.text('address');
    if (address !== undefined && !ADDRESS.test(address))
      throw invalid(device.at('address'), 'up to 32 digits and letters', address);
    device.end();
    return address;
  });
}
