import { decodeArchive } from './archive.js';
import { decodeBody } from './body.js';
import { decodeInverterInfo } from './inventory.js';
import { decodeInverter, decodeInverters } from './inverter.js';
import { meterPlace } from './meter-place.js';
import { decodeMeter } from './meter.js';
import { decodePowerFlow } from './power-flow.js';
import { API_VERSION_PATH, encodeRequest } from './request.js';
import { decodeText } from './text.js';
import { decodeApiVersion, SOLAR_API_V0 } from './version.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const answer = (status: unknown, body: unknown = { Data: {} }): Uint8Array =>
  bytes(JSON.stringify({ Head: { Status: { Code: status, Reason: '' } }, Body: body }));

describe('an answer', () => {
  it.each([
    [1, 'SMX_SOLARAPI_UNSUPPORTED'],
    [5, 'SMX_SOLARAPI_TIMEOUT'],
    [6, 'SMX_SOLARAPI_ARGUMENT'],
    [7, 'SMX_SOLARAPI_TIMEOUT'],
    [8, 'SMX_SOLARAPI_TIMEOUT'],
    [11, 'SMX_SOLARAPI_UNSUPPORTED'],
    [12, 'SMX_SOLARAPI_ABSENT'],
    [255, 'SMX_SOLARAPI_REFUSED'],
    [99, 'SMX_SOLARAPI_REFUSED'],
  ])('with status %i is %s', (status, code) => expect(decodeBody(answer(status))).toMatchObject({ code, status }));

  it('is not supported where a Datamanager says so with 255 and words', () => {
    const head = { Status: { Code: 255, Reason: 'GetStorageRealtimeData request is not supported by this device.' } };
    const body = decodeBody(bytes(JSON.stringify({ Head: head, Body: { Data: {} } })));
    expect(body).toMatchObject({ code: 'SMX_SOLARAPI_UNSUPPORTED', status: 255 });
  });

  it('that is a web page says what to do and what page it is', () => {
    const page = decodeBody(bytes('\r\n <!DOCTYPE html><html><title>404 - Not Found</title></html>'));
    expect(page).toMatchObject({ code: 'SMX_SOLARAPI_PAGE', fault: expect.stringContaining('404 - Not Found') });
    expect(page).toMatchObject({ fault: expect.stringContaining('switch the Solar API on') });
  });

  it.each([
    ['', /empty/],
    ['\0\0\0', /empty/],
    ['{"Body": {"Data": {"0": {"Curr', /was cut/],
    ['[1,2]', /no object/],
    ['null', /no object/],
    ['{"Head":{}}', /no Body/],
    ['{"Body":{"Data":[1]}}', /no object/],
    ['{"Body":{"Data":null}}', /no object/],
    ['{"Head":{"Status":{"Code":"0"}},"Body":{"Data":{}}}', /no number/],
    ['['.repeat(200_000), /was cut/],
  ])('%.30j is none', (text, fault) =>
    expect(decodeBody(bytes(text))).toMatchObject({ code: 'SMX_SOLARAPI_BODY', fault: expect.stringMatching(fault) }),
  );

  it('of more bytes than are taken is not looked into, and blanks do not make one slow', () => {
    expect(decodeBody(new Uint8Array(101), { longest: 100 })).toMatchObject({ code: 'SMX_SOLARAPI_BODY' });
    expect(decodeBody(new Uint8Array(8_000_000).fill(0x20))).toMatchObject({ fault: 'the answer is empty' });
    expect(decodeBody(bytes(`{"a":"${' '.repeat(4_000_000)}`))).toMatchObject({ code: 'SMX_SOLARAPI_BODY' });
  });

  it('may have a byte order mark before it and NUL bytes behind it', () =>
    expect(decodeBody(bytes('\uFEFF{"Body":{"Data":{}}}\n\0\0'))).toEqual({ t: undefined, request: {}, data: {} }));

  it('has the time of the device, which is none where it says none', () => {
    const body = (stamp: string): object =>
      decodeBody(bytes(`{"Head":{"Timestamp":${stamp},"RequestArguments":{"DeviceId":"1"}},"Body":{"Data":{}}}`));
    expect(body('"2018-03-17T09:37:14+01:00"')).toMatchObject({ t: 1521275834000, request: { DeviceId: '1' } });
    expect(body('"soon"')).toMatchObject({ t: undefined });
    expect(body('7')).toMatchObject({ t: undefined });
  });
});

describe('what a Datamanager pushes', () => {
  it('has no level Data, and offsets before the time it was pushed', () => {
    const log = {
      'inverter/1': {
        Start: '2026-01-31T12:00:00+01:00',
        Data: {
          EnergyReal_WAC_Sum_Produced: { Unit: 'kWh', Values: { '0': 0.07, '-7200': 0.0686, x: 1, '300': null } },
        },
      },
    };
    const body = decodeBody(bytes(JSON.stringify({ Head: {}, Body: log })));
    const { start, channels } = decodeArchive('data' in body ? body.data : {}).get('inverter/1')!;
    expect(start).toBe(Date.UTC(2026, 0, 31, 11));
    expect(channels.get('EnergyReal_WAC_Sum_Produced')).toEqual({
      ...{ unit: 'Wh', dropped: 1, rows: [[-7200, 68.6], [0, 70], [300, null]] }, // prettier-ignore
    });
  });

  it('as current data is read as that of all inverters', () => {
    const current = { PAC: { Unit: 'W', Values: { '1': 838, '2': null } } };
    const body = decodeBody(bytes(JSON.stringify({ Head: {}, Body: current })));
    expect(decodeInverters('data' in body ? body.data : {})).toEqual(
      new Map([
        ['1', { quantities: { power: { value: 838, unit: 'W' } } }],
        ['2', { quantities: { power: { value: null, unit: 'W', reason: 'null' } } }],
      ]),
    );
  });
});

describe('a value', () => {
  const power = (cell: unknown): unknown => decodeInverter({ PAC: cell }).quantities.power;

  it.each([
    [
      { Unit: 'W', Value: 5 },
      { value: 5, unit: 'W' },
    ],
    [
      { Unit: 'kW', Value: 1.5 },
      { value: 1500, unit: 'W' },
    ],
    [
      { Unit: null, Value: 5 },
      { value: 5, unit: 'W' },
    ],
    [
      { Unit: 'W', Value: -0 },
      { value: 0, unit: 'W' },
    ],
    [
      { Unit: 'W', Value: null },
      { value: null, unit: 'W', reason: 'null' },
    ],
    [null, { value: null, unit: 'W', reason: 'null' }],
    [
      { Unit: 'W', Value: '5' },
      { value: null, unit: 'W', reason: 'not a number' },
    ],
    [
      { Unit: 'W', Value: true },
      { value: null, unit: 'W', reason: 'not a number' },
    ],
    [
      { Unit: 'W', Value: [5] },
      { value: null, unit: 'W', reason: 'not a number' },
    ],
    [
      { Unit: 'W', Value: JSON.parse('1e999') as number },
      { value: null, unit: 'W', reason: 'not a number' },
    ],
    [
      { Unit: 'W', Value: 8.4e252 },
      { value: null, unit: 'W', reason: 'implausible' },
    ],
    [
      { Unit: 'Wh', Value: 5 },
      { value: null, unit: 'W', reason: 'unit' },
    ],
    [{ Unit: 'W' }, undefined],
    [undefined, { value: null, unit: 'W', reason: 'not a number' }],
  ])('%j is %j', (cell, quantity) => expect(power(cell)).toEqual(quantity));

  it('is left out where the body leaves it out, also at night when nothing is there', () => {
    expect(decodePowerFlow({})).toEqual({
      ...{ site: {}, inverters: new Map(), secondaryMeters: new Map(), ohmpilots: new Map() },
    });
    expect(decodePowerFlow({ Site: 'no', Inverters: { 1: null } })).toMatchObject({ site: {}, inverters: new Map() });
    expect(decodeInverter({ DeviceStatus: { StatusCode: 13 } })).toEqual({
      quantities: {},
      state: 'sleeping',
      status: 13,
    });
  });

  it('goes by the names of a GEN24 firmware as well, and by the classic one where both are there', () => {
    const { quantities, place } = decodeMeter({
      ...{ SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64: 12_000, SMARTMETER_POWERACTIVE_MEAN_SUM_F64: -31 },
      ...{ SMARTMETER_VALUE_LOCATION_U16: 0, PowerReal_P_Phase_1: 7, SMARTMETER_POWERACTIVE_01_F64: 8 },
      ...{ PowerReal_P_Phase_2: null, SMARTMETER_POWERACTIVE_02_F64: 9 },
    });
    expect(place).toBe('feed-in');
    expect(quantities).toEqual({
      energyConsumed: { value: 12_000, unit: 'Wh' },
      power: { value: -31, unit: 'W' },
      powerL1: { value: 7, unit: 'W' },
      powerL2: { value: 9, unit: 'W' },
    });
  });
});

describe('names and states', () => {
  it.each([
    ['&#83;&#121;&#109;&#x6f;&amp;&lt;', 'Symo&<'],
    ['P030T020Z9000000001     ', 'P030T020Z9000000001'],
    ['Smart\u2423Meter', 'Smart Meter'],
    ['&#9999999; &bogus;', '&#9999999; &bogus;'],
    ['&#27;[2J7\u0000\n8\ufffd', '[2J78'],
  ])('%j is %j', (text, plain) => expect(decodeText(text)).toBe(plain));

  it('do not grow with what a device sends', () => expect(decodeText('&#65;'.repeat(1e6)).length).toBeLessThan(1000));

  it.each([
    [0, 'starting'],
    [6, 'starting'],
    [7, 'running'],
    [8, 'standby'],
    [9, 'boot'],
    [10, 'error'],
    [11, 'idle'],
    [12, 'ready'],
    [13, 'sleeping'],
    [255, 'unknown'],
    ['Sleeping', 'sleeping'],
    ['Dreaming', 'unknown'],
  ])('status %j is %s', (StatusCode, state) =>
    expect(decodeInverterInfo({ 1: { StatusCode } }).get('1')!.state).toBe(state),
  );

  it.each([
    [0, 'feed-in'],
    [1, 'consumption'],
    [2, 'unknown'],
    [4, 'battery'],
    [511, 'sub-load'],
    [512, 'ev'],
    [769, 'storage'],
    [1024, 'unknown'],
  ])('location %i is %s', (location, place) => expect(meterPlace(location)).toBe(place));
});

describe('the address of a request', () => {
  const v1 = decodeApiVersion(bytes('{"APIVersion":1,"BaseURL":"/solar_api/v1/","CompatibilityRange":"1.5-9"}'));

  it('is what the device says, or that of a logger that knows no version', () => {
    expect(v1).toEqual({ version: 1, base: '/solar_api/v1/', compatibility: '1.5-9' });
    if ('fault' in v1) throw new Error(v1.fault);
    expect(encodeRequest(v1, { ask: 'power-flow' })).toBe('/solar_api/v1/GetPowerFlowRealtimeData.fcgi');
    expect(encodeRequest(v1, { ask: 'inverter', device: 2, collection: '3PInverterData' })).toBe(
      '/solar_api/v1/GetInverterRealtimeData.cgi?Scope=Device&DeviceId=2&DataCollection=3PInverterData',
    );
    expect(encodeRequest(SOLAR_API_V0, { ask: 'inverter', device: 1 })).toBe(
      '/solar_api/GetInverterRealtimeData.cgi?Scope=Device&DeviceIndex=1&DataCollection=CommonInverterData',
    );
    const archive = { ask: 'archive', from: '2026-01-01', to: '2026-01-16', channels: ['A', 'B'] } as const;
    expect(encodeRequest(v1, archive)).toMatch(/EndDate=2026-01-16&Channel=A&Channel=B$/);
    expect(API_VERSION_PATH).toBe('/solar_api/GetAPIVersion.cgi');
  });

  it.each(['{}', '{"APIVersion":1,"BaseURL":"http://elsewhere/"}', '{"APIVersion":"1","BaseURL":"/a/"}', '<html>'])(
    'is not in %s',
    (text) => expect(decodeApiVersion(bytes(text))).toHaveProperty('fault'),
  );
});
