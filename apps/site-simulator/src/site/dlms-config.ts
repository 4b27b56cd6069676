import type { CipherKeys, SecuritySuite } from '@smx-edge/protocols/cosem';
import { speedOf } from '@smx-edge/protocols/iec62056-21';
import { DLMS_FAULTS, type DlmsPortOptions, type LogicalDevice } from '../dlms-meter/index.js';
import { faultsOf } from './fault-config.js';
import { Fields, given, invalid } from './fields.js';
import { daysOf, serialOf, type MeterBasics } from './meter-basics.js';

export interface DlmsMeterConfig extends DlmsPortOptions {
  readonly protocol: 'dlms';
  readonly name: string;
  /** Days of load profile before the house began. */
  readonly days: number;
}

/** Throws SMX_CONFIG_INVALID, SMX_CONFIG_UNKNOWN_KEY. */
export function dlmsMeter(fields: Fields, basics: MeterBasics): DlmsMeterConfig {
  const password = fields.text('password');
  const baud = fields.number('baud', { min: 300, max: 921_600 });
  const transport = fields.oneOf('transport', ['hdlc', 'mode-e', 'wrapper']) ?? 'hdlc';
  if (transport === 'mode-e' && baud !== undefined && speedOf(baud, 'C') === undefined)
    throw invalid(fields.at('baud'), 'a speed an optical head can offer, 300 to 19200', baud);
  const pty = fields.text('pty');
  if (transport === 'wrapper' && (pty ?? baud) !== undefined)
    throw invalid(fields.at(pty === undefined ? 'baud' : 'pty'), 'nothing: a meter on the network has no serial line', pty ?? baud); // prettier-ignore
  return {
    ...basics,
    protocol: 'dlms',
    transport,
    serial: serialOf(fields),
    referencing: fields.oneOf('referencing', ['ln', 'sn']) ?? 'ln',
    blocks: fields.oneOf('blocks', ['none', 'get', 'general']) ?? 'none',
    maxPdu: fields.number('maxPdu', { min: 64, max: 65_535 }) ?? 2400,
    full: fields.oneOf('values', ['twelve', 'all']) !== 'twelve',
    days: daysOf(fields),
    devices: devicesOf(fields),
    ...given({
      pty,
      baud,
      faults: faultsOf(fields, DLMS_FAULTS),
      password: password === undefined ? undefined : Buffer.from(password, 'latin1'),
      security: securityOf(fields),
      limits: limitsOf(fields),
    }),
  };
}

function devicesOf(fields: Fields): LogicalDevice[] {
  return (fields.list('devices') ?? [{}]).map((each, n) => {
    const device = new Fields(each, fields.at(`devices[${n}]`));
    const physical = device.number('physical', { min: 0, max: 16_383 });
    const server = device.number('server', { min: 1, max: 127 }) ?? 1;
    device.end();
    return { server, ...given({ physical }) };
  });
}

function limitsOf(fields: Fields): DlmsPortOptions['limits'] {
  const limits = fields.object('limits') || undefined;
  if (limits === undefined) return undefined;
  const size = (name: string): number => limits.number(name, { min: 16, max: 2030 }) ?? 128;
  const [infoTransmit, infoReceive] = [size('transmit'), size('receive')];
  const window = limits.number('window', { min: 1, max: 7 }) ?? 1;
  limits.end();
  return { infoTransmit, infoReceive, windowTransmit: window, windowReceive: window };
}

function securityOf(fields: Fields): DlmsPortOptions['security'] {
  const security = fields.object('security') || undefined;
  if (security === undefined) return undefined;
  const suite = (security.number('suite', { min: 0, max: 2 }) ?? 0) as SecuritySuite;
  const key = (name: string): Uint8Array => {
    const text = security.text(name) ?? '';
    const bytes = Buffer.from(text, 'hex');
    if (bytes.length === (suite === 2 ? 32 : 16) && text.length === 2 * bytes.length) return bytes;
    throw invalid(security.at(name), `${suite === 2 ? 64 : 32} hexadecimal digits for suite ${suite}`, undefined);
  };
  const keys: CipherKeys = { suite, block: key('encryptionKey'), authentication: key('authenticationKey') };
  const policy = security.number('policy', { min: 0, max: 3 }) ?? 3;
  security.end();
  return { keys, policy };
}
