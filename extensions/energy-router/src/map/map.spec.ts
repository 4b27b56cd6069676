import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readRegisterMap } from '../modbus/register-map.js';
import { readResourceMap } from '../rest/resource-map.js';
import { loadMap } from './load-map.js';
import { parseLocated } from './located-json.js';

const MAPS = join(__dirname, '../../maps');
const folder = mkdtempSync(join(tmpdir(), 'smx-map-'));
const file = join(folder, 'map.json');
afterAll(() => rmSync(folder, { recursive: true }));

const SOC = { name: 'battery/soc', access: 'r', unit: 1, table: 'input', address: 1, type: 'uint16' };
const BATTERY = { name: 'battery/power/setpoint', access: 'rw', unit: 1, table: 'holding', address: 5, type: 'int16', positive: 'generation', min: -100, max: 300 }; // prettier-ignore
const PV = { name: 'pv/power', access: 'r', path: '/state', pointer: '/pv', positive: 'generation' };

/** A map with one entry a line, from line 2 on. */
const mapOf = (entries: readonly object[], head: object = {}): string =>
  `{${JSON.stringify({ format: 'smx-energy-router/1', title: 'x', ...head }).slice(1, -1)}, "entries": [\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}]}`; // prettier-ignore

function faultOf(text: string, read: (reader: ReturnType<typeof loadMap>) => unknown = readRegisterMap): string {
  writeFileSync(file, text);
  try {
    read(loadMap(file));
  } catch (error) {
    expect(error).toMatchObject({ code: 'SMX_ROUTER_MAP' });
    return (error as Error).message.replace(`${file}:`, '');
  }
  return 'none';
}

it('the maps of the package are maps, and say that they are examples', () => {
  const registers = readRegisterMap(loadMap(join(MAPS, 'example-modbus.json')));
  expect(registers.entries.find(({ name }) => name === 'battery/power/setpoint')).toEqual({
    ...{ name: 'battery/power/setpoint', isRead: false, isWritten: true, sf: 0, sign: -1, none: undefined },
    ...{ unit: 1, table: 'holding', address: 1, type: 'int16', isLowFirst: false, readAt: 11 },
    bounds: { min: -1700, max: 1700 },
  });
  const resources = readResourceMap(loadMap(join(MAPS, 'example-rest.json')));
  expect(resources.entries.find(({ name }) => name === 'pv/power/setpoint')).toEqual({
    ...{ name: 'pv/power/setpoint', isRead: false, isWritten: true, sf: 3, sign: -1, none: undefined },
    bounds: { min: -1000, max: 0 },
    ...{ read: undefined, write: { method: 'POST', path: '/api/pv', pointer: '/reference' } },
  });
  for (const { title } of [registers, resources]) expect(title).toMatch(/^Example/);
});

it.each([
  [[SOC], 'none'],
  [[SOC, BATTERY], 'none'],
  [[SOC, SOC], '3:9 entries.1.name: "battery/soc" cannot be, expected each name once'],
  [[{ ...SOC, name: 'battery/sock' }], /^2:9 entries\.0\.name: "battery\/sock" cannot be, expected "battery\/soc"/],
  [[{ ...SOC, adress: 1 }], '2:98 entries.0.adress: there is no key "adress", expected "address"'],
  [[{ ...SOC, address: 70_000 }], '2:71 entries.0.address (battery/soc): 70000 cannot be, expected a whole number from 0 to 65535'], // prettier-ignore
  [[{ ...SOC, type: 'int' }], /^2:\d+ entries\.0\.type \(battery\/soc\): "int" cannot be, expected .*int16/],
  [[{ ...SOC, access: 'rw' }], /entries\.0\.access \(battery\/soc\): "rw" cannot be, expected .*r$/],
  [[SOC, { ...BATTERY, positive: undefined }], /^3:\d+ entries\.1\.positive \(battery\/power\/setpoint\): nothing is there, expected one of load, generation/], // prettier-ignore
  [[SOC, { ...BATTERY, min: undefined }], /entries\.1\.min .*nothing is there, expected the least that may be asked/],
  [[SOC, { ...BATTERY, max: -200 }], /entries\.1\.max .*-200 cannot be, expected the most .* not below -100/],
  [[SOC, { ...BATTERY, table: 'input' }], /entries\.1\.table .*"input" cannot be, expected .*holding/],
  [[{ ...SOC, readback: 5 }], /entries\.0\.readback .*expected a read-back only of what is written/],
  [[], /entries: \[\] cannot be, expected at least one entry that is read/],
  [[{ ...SOC, name: 'mode' }], /modes: nothing is there, expected an object/],
  [['x'], /entries\.0: "x" cannot be, expected an object/],
] as const)('a map with %j is told as %s', (entries, said) => {
  const fault = faultOf(mapOf(entries as readonly object[]));
  if (typeof said === 'string') expect(fault).toBe(said);
  else expect(fault).toMatch(said);
});

it.each([
  [[PV], 'none'],
  [[{ ...PV, pointer: 'pv' }], /entries\.0\.pointer \(pv\/power\): "pv" cannot be, expected a JSON pointer/],
  [[{ ...PV, path: 'state' }], /entries\.0\.path .*expected a path from the root/],
  [[PV, { ...PV, name: 'pv/power/setpoint', access: 'w', method: 'GET', min: 0, max: 1 }], /entries\.1\.method .*expected .*PUT/], // prettier-ignore
] as const)('a map of resources with %j is told as %s', (entries, said) =>
  expect(faultOf(mapOf(entries), readResourceMap)).toMatch(said),
);

it.each([
  ['{"format": "smx-energy-router/2"}', /^1:12 format: .*expected "smx-energy-router\/1"/],
  ['{\n  "format": 1,\n  x', '3:3: this is no JSON, expected a name in double quotes'],
  ['{"a": 1\n "b": 2}', '2:2: this is no JSON, expected a comma or }'],
  ['{"a": 1, "a": 2}', /"a" once only/],
  ['', '1:1: this is no JSON, expected a value'],
  ['[1] 2', '1:5: this is no JSON, expected the end of the file'],
  ['[01]', /expected a comma/],
  ['['.repeat(40), /no more than 16 levels/],
])('%j is told as %s', (text, said) => expect(faultOf(text)).toMatch(said));

it('a file that is not there is told with what was expected', () => {
  expect(() => loadMap(join(folder, 'none.json'))).toThrow(/none\.json: it cannot be read .*expected a map in JSON/);
});

it('reads what JSON.parse reads, and nothing else', () => {
  const read = (text: string): unknown => {
    try {
      return { value: parseLocated(text, 'f').value };
    } catch (error) {
      expect(error).toMatchObject({ code: 'SMX_ROUTER_MAP', message: expect.stringMatching(/^f:\d+:\d+: /) });
      return 'none';
    }
  };
  const parsed = (text: string): unknown => {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return 'none';
    }
  };
  const base = mapOf([SOC, BATTERY]);
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(2), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      expect(read(text)).toEqual(parsed(text));
    }),
  );
  fc.assert(
    fc.property(
      fc.nat(base.length - 1),
      fc.constantFrom('', '"', ',', '}', '0', '\\', '-', ' ', '\n', 'é'),
      (at, put) => {
        const text = base.slice(0, at) + put + base.slice(at + 1);
        const said = read(text);
        // a key that stands twice is an error here
        if (!/"(\w+)":[^{}]*"\1":/.test(text)) expect(said).toEqual(parsed(text));
      },
    ),
    { numRuns: 2000 },
  );
});
