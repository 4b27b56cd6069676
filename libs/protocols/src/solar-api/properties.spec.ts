import fc from 'fast-check';
import { decodeArchive } from './archive.js';
import { decodeBody } from './body.js';
import { decodeActiveDevices, decodeInverterInfo, decodeLoggerInfo } from './inventory.js';
import { decodeInverter, decodeInverters } from './inverter.js';
import type { JsonObject } from './json.js';
import { decodeMeter, decodeMeters } from './meter.js';
import { decodeOhmpilots } from './ohmpilot.js';
import { decodePowerFlow } from './power-flow.js';
import { decodeStorage, decodeStorages } from './storage.js';
import { decodeApiVersion } from './version.js';

const DECODERS = [
  ...[decodeArchive, decodeActiveDevices, decodeInverterInfo, decodeLoggerInfo, decodeInverter, decodeInverters],
  ...[decodeMeter, decodeMeters, decodeOhmpilots, decodePowerFlow, decodeStorage, decodeStorages],
] as const satisfies readonly ((data: JsonObject) => unknown)[];

/** Names that mean something to one of the decoders, and some that must mean nothing. */
const NAME = fc.constantFrom(
  ...['Head', 'Status', 'Code', 'Body', 'Data', 'Site', 'Inverters', 'P_PV', 'P_Akku', '1', '2', 'PAC', 'Value'],
  ...['Values', 'Unit', 'DeviceStatus', 'StatusCode', 'Controller', 'Modules', 'Details', 'Serial', 'TimeStamp', '0'],
  ...[
    'PowerReal_P_Sum',
    'Meter_Location_Current',
    'Start',
    'Inverter',
    'Timestamp',
    '__proto__',
    'constructor',
    '-300',
  ],
);
const { body: BODY } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.oneof(fc.double(), fc.constantFrom(null, true, '', 'W', 'kWh', 'Running', 0, 7, 1e300), fc.string()),
    fc.array(tie('body'), { maxLength: 3 }),
    fc.dictionary(NAME, tie('body'), { maxKeys: 8 }),
  ),
}));

/** What stands for a value in what was decoded. */
function valuesOf(decoded: unknown): (number | null)[] {
  if (decoded instanceof Map) return [...decoded.values()].flatMap(valuesOf);
  if (Array.isArray(decoded)) return decoded.flatMap(valuesOf);
  if (typeof decoded !== 'object' || decoded === null) return [];
  return 'unit' in decoded && 'value' in decoded
    ? [decoded.value as number | null]
    : Object.values(decoded).flatMap(valuesOf);
}

it('any JSON is read without a throw, and no number comes out that is not in it', () => {
  fc.assert(
    fc.property(fc.dictionary(NAME, BODY, { maxKeys: 8 }), (data) => {
      const json = JSON.stringify(data);
      const parsed = JSON.parse(json) as JsonObject;
      const numbers = new Set((json.match(/-?\d+(\.\d+)?(e[+-]?\d+)?/g) ?? []).map((text) => Number(text) + 0));
      for (const decode of DECODERS)
        for (const value of valuesOf(decode(parsed)))
          if (value !== null)
            expect([value, value / 1000, value * 1000, value / 1e6].some((n) => numbers.has(n))).toBe(true);
      decodeBody(Buffer.from(json));
      decodeApiVersion(Buffer.from(json));
    }),
    { numRuns: 500 },
  );
});

it('any bytes are an answer or a coded fault', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const answer = decodeBody(bytes);
        if ('fault' in answer) expect(answer.code).toMatch(/^SMX_SOLARAPI_/);
        else expect(typeof answer.data).toBe('object');
      },
    ),
    { numRuns: 500 },
  );
});
