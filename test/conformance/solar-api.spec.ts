import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  decodeActiveDevices,
  decodeApiVersion,
  decodeArchive,
  decodeBody,
  decodeInverter,
  decodeInverterInfo,
  decodeInverters,
  decodeLoggerInfo,
  decodeMeter,
  decodeMeters,
  decodeOhmpilots,
  decodePowerFlow,
  decodeStorage,
  decodeStorages,
  type JsonObject,
} from '@smx-edge/protocols/solar-api';

/** Bodies of real devices; see its index for where each comes from. */
const DATA = resolve(__dirname, '../../../shared/data/fronius');
const isThere = existsSync(join(DATA, 'index.json'));
const given = isThere ? describe : describe.skip;

interface Entry {
  readonly file: string;
  readonly kind: string;
  readonly endpoint: string;
}

const ENTRIES: readonly Entry[] = isThere
  ? (JSON.parse(readFileSync(join(DATA, 'index.json'), 'utf8')) as { files: Entry[] }).files.filter(
      ({ kind }) => kind === 'solar-api-v0' || kind === 'solar-api-v1',
    )
  : [];

/** The bytes as they were on the wire: two projects keep `Body.Data` alone. */
function bytesOf({ file, endpoint }: Entry): Uint8Array {
  const bytes = readFileSync(join(DATA, file));
  return endpoint.includes('Body.Data only') ? Buffer.from(`{"Body":{"Data":${bytes.toString('utf8')}}}`) : bytes;
}

const dataOf = (file: string): JsonObject => {
  const entry = ENTRIES.find((one) => one.file === `solarapi/${file}`)!;
  const body = decodeBody(bytesOf(entry));
  if ('fault' in body) throw new Error(`${file}: ${body.fault}`);
  return body.data;
};

type Decode = (data: JsonObject) => unknown;

/** What reads the body of an endpoint, by the names that the projects give their files. */
const DECODERS: readonly (readonly [RegExp, Decode])[] = [
  [/powerflow/i, decodePowerFlow],
  [/InverterRealtimeData|realtimedata/, (data) => (isOfAll(data) ? decodeInverters(data) : decodeInverter(data))],
  [/MeterRealtimeData/, (data) => ('Enable' in data ? decodeMeter(data) : decodeMeters(data))],
  [/StorageRealtimeData/, (data) => ('Controller' in data ? decodeStorage(data) : decodeStorages(data))],
  [/OhmPilot/, decodeOhmpilots],
  [/Archive/, decodeArchive],
  [/InverterInfo/, decodeInverterInfo],
  [/ActiveDevice/, decodeActiveDevices],
  [/LoggerInfo/, decodeLoggerInfo],
];

/** Of one inverter `{Value: 5}`, of all `{Values: {"1": 5}}`, on a GEN24 `{Value: {"1": 5}}`. */
const isOfAll = (data: JsonObject): boolean =>
  Object.values(data).some((cell) => 'Values' in (cell as object) || isChannel((cell as JsonObject)['Value']));
const isChannel = (value: unknown): boolean => typeof value === 'object' && value !== null && !('StatusCode' in value);

/** Codes, flags and times, which are no quantities. */
const NO_QUANTITIES = new Set(
  [
    'DT',
    'Enable',
    'Visible',
    'TimeStamp',
    'Meter_Location_Current',
    'MLoc',
    'DeviceType',
    'NodeType',
    'DeviceStatus',
  ].concat(['ErrorCode', 'StatusCode', 'Show', 'UTCOffset', 'CO2Factor', 'CashFactor', 'DeliveryFactor']),
);

/** Every number below `value` that is a quantity, sorted: what must come out, by nothing but the JSON. */
function numbersOf(value: unknown): number[] {
  const found: number[] = [];
  const walk = (node: unknown): void => {
    if (typeof node === 'number') found.push(node);
    else if (typeof node === 'object' && node !== null)
      for (const [key, child] of Object.entries(node)) if (!NO_QUANTITIES.has(key) || isChannel(child)) walk(child);
  };
  walk(value);
  return found.sort((a, b) => a - b);
}

/** Every number in what was decoded that stands for a value of the device. */
function valuesOf(decoded: unknown): number[] {
  const found: number[] = [];
  const walk = (node: unknown): void => {
    if (node instanceof Map) for (const child of node.values()) walk(child);
    else if (Array.isArray(node)) for (const child of node) walk(child);
    else if (typeof node === 'object' && node !== null) {
      const { value, unit, rows } = node as { value?: unknown; unit?: unknown; rows?: [number, number | null][] };
      if (rows !== undefined) for (const [, v] of rows) found.push(v!);
      else if (unit === undefined) for (const child of Object.values(node)) walk(child);
      else if (typeof value === 'number') found.push(value);
    }
  };
  walk(decoded);
  return found.sort((a, b) => a - b);
}

given('bodies of the Solar API', () => {
  it('are all read, or are the faults they show', () => {
    const faults: Record<string, string> = {};
    let read = 0;
    for (const entry of ENTRIES) {
      const bytes = bytesOf(entry);
      const isVersion = /version/i.test(entry.endpoint);
      const answer = isVersion ? decodeApiVersion(bytes) : decodeBody(bytes);
      if ('fault' in answer) faults[basename(entry.file)] = `${answer.code} ${answer.status ?? ''}`.trim();
      else read++;
    }
    expect(faults).toEqual({
      'v0_error.html': 'SMX_SOLARAPI_PAGE',
      'GetLoggerInfo_notsupported.json': 'SMX_SOLARAPI_UNSUPPORTED 11',
      'GetStorageRealtimeData_notsupported.json': 'SMX_SOLARAPI_UNSUPPORTED 255',
      '06_v1_GetSensorRealtimeData_NowSensorData.json': 'SMX_SOLARAPI_ABSENT 12',
      '07_v1_GetSensorRealtimeData_NowSensorData.json': 'SMX_SOLARAPI_ABSENT 12',
    });
    expect(read).toBe(99);
  });

  const readable = ENTRIES.filter(({ endpoint }) => DECODERS.some(([pattern]) => pattern.test(endpoint)));

  it.each(readable.map((entry) => [entry.file, entry] as const))(
    '%s gives each of its numbers and no other',
    (_file, entry) => {
      const body = decodeBody(bytesOf(entry));
      if ('fault' in body) {
        expect(body.code).toBe('SMX_SOLARAPI_UNSUPPORTED');
        return;
      }
      const [, decode] = DECODERS.find(([pattern]) => pattern.test(entry.endpoint))!;
      // an 8.4e252 W in the examples of the manual is no measurement
      expect(valuesOf(decode(body.data))).toEqual(numbersOf(body.data).filter((value) => Math.abs(value) < 1e200));
    },
  );
});

const W = (value: number): object => ({ value, unit: 'W' });
const noW = { value: null, unit: 'W', reason: 'null' };

given('what bodies mean', () => {
  it('of a hybrid at work, of a GEN24 with battery, and of a night', () => {
    const day = decodePowerFlow(dataOf('symo-hybrid/1.8.1-9/GetPowerFlowRealtimeData.json'));
    expect(day).toMatchObject({ mode: 'bidirectional', meterLocation: 'grid', isBatteryStandby: false });
    expect(day.site).toMatchObject({ pv: W(692.9000000000001), battery: W(-295.47), grid: W(45.93999897316098) });
    expect(day.inverters.get('1')).toMatchObject({
      batteryMode: 'normal',
      deviceType: 83,
      quantities: { power: W(345) },
    });
    const gen24 = decodePowerFlow(dataOf('ha/gen24_storage/GetPowerFlowRealtimeData.json'));
    expect(gen24).toMatchObject({ isBackup: true, site: { energyDay: { value: null, unit: 'Wh', reason: 'null' } } });
    expect(gen24.ohmpilots.get('0')).toEqual({
      quantities: { power: W(0), temperature: { value: 38.8, unit: 'Cel' } },
      state: 'normal',
    });
    const night = decodePowerFlow(dataOf('ha/symo/GetPowerFlowRealtimeData_night.json'));
    expect(night.site).toMatchObject({ pv: noW, battery: noW, grid: W(975.31), load: W(-975.31) });
    const asleep = decodePowerFlow(dataOf('pyfronius/v1_v1_GetPowerFlowRealtimeData.fcgi.json'));
    expect(asleep.inverters.get('1')!.quantities).toEqual({ power: noW });
    expect(asleep.site.autonomy).toBeUndefined();
    expect(decodePowerFlow(dataOf('bergos/powerFlow.json')).secondaryMeters.get('2')).toEqual({
      ...{ quantities: { power: W(-2213) }, label: 'Car', category: 'METER_CAT_OTHER', location: 256 },
    });
  });

  it('of inverters: all collections, System under both its keys, and one that starts', () => {
    const gen24 = decodeInverter(dataOf('ccremer/realtimedata.json'));
    expect(gen24).toMatchObject({ state: 'running', status: 7, error: 0 });
    expect(gen24.quantities).toMatchObject({
      currentDc1: { value: 0.02111647091805935, unit: 'A' },
      voltageDc2: { value: 72.19498443603516, unit: 'V' },
      currentDc3: { value: null, unit: 'A', reason: 'null' },
      energyDay: { value: null, unit: 'Wh', reason: 'null' },
      energyTotal: { value: 1392623.8052777778, unit: 'Wh' },
    });
    const starting = decodeInverter(dataOf('victron/08_v1_GetInverterRealtimeData_CommonInverterData.json'));
    expect(starting).toMatchObject({ state: 'starting', status: 5, error: 523 });
    expect(starting.quantities.power).toBeUndefined();
    const all = decodeInverters(dataOf('iobroker/InverterRealtimeDataSystem.json'));
    expect([...all.keys()]).toEqual(['1', '2', '3', '55']);
    expect(all.get('55')!.quantities.energyTotal).toEqual({ value: 3275219, unit: 'Wh' });
    expect(decodeInverters(dataOf('iobroker/InverterRealtimeDataSystemGen24.json'))).toEqual(
      new Map([['1', { quantities: { power: W(271) } }]]),
    );
    expect(decodeInverter(dataOf('iobroker/InverterRealtimeDataCumGen24.json'))).toEqual({
      ...{ quantities: { power: { value: null, unit: 'W', reason: 'implausible' } }, state: 'running' },
    });
    const phases = dataOf('victron/04_v1_GetInverterRealtimeData_3PInverterData.json');
    expect(decodeInverter(phases).quantities.voltageL2).toEqual({ value: 227.8, unit: 'V' });
    expect(decodeInverter(dataOf('victron/09_v1_GetInverterRealtimeData_3PInverterData.json')).quantities).toEqual({});
    const extremes = decodeInverter(dataOf('victron/05_v1_GetInverterRealtimeData_MinMaxInverterData.json'));
    expect(extremes.quantities).toMatchObject({ powerMaxTotal: W(8264), voltageDcMaxDay: { value: 329, unit: 'V' } });
  });

  it('of meters: NUL bytes behind them, S0 ones, and none', () => {
    const [meter] = decodeMeters(dataOf('symo-hybrid/1.3.2-3/GetMeterRealtimeData.json.invalid.txt')).values();
    expect(meter).toMatchObject({ place: 'feed-in', details: { model: 'Smart Meter 63A', serial: '90000001' } });
    expect(meter!.quantities).toMatchObject({
      energyConsumed: { value: 582666, unit: 'Wh' },
      reactiveEnergyProduced: { value: 3466130, unit: 'varh' },
      powerFactor: { value: -0.98, unit: '1' },
    });
    const s0 = decodeMeters(dataOf('ha/primo_s0/GetMeterRealtimeData.json')).get('0');
    expect(s0).toEqual({
      quantities: { power: W(-2216.748685811223), energyMinusRelative: { value: 191.25, unit: 'Wh' } },
      ...{ t: 1639074843000, location: 1, place: 'consumption', isEnabled: true, isVisible: true },
      details: { manufacturer: 'Fronius', model: 'S0 Meter at inverter 1' },
    });
    expect(decodeMeters(dataOf('froniuspusher/04_slave_GetMeterRealtimeData.json')).size).toBe(0);
    const places = [...decodeMeters(dataOf('iobroker/MeterRealtimeDataSystem.json')).values()].map(
      ({ place }) => place,
    );
    expect(places).toEqual(['feed-in', 'sub-load', 'sub-load', 'sub-load', 'sub-load', 'generator']);
  });

  it('of batteries, with modules and without', () => {
    const byd = decodeStorages(dataOf('froniuspusher/01_master_GetStorageRealtimeData.json')).get('0')!;
    expect(byd.controller).toMatchObject({ isEnabled: true, details: { serial: 'P030T020Z9000000001' } });
    expect(byd.controller.quantities).toMatchObject({
      soc: { value: 3, unit: '%' },
      capacity: { value: 22464, unit: 'Wh' },
    });
    expect(decodeStorages(dataOf('ha/gen24/GetStorageRealtimeData_empty.json')).size).toBe(0);
    const sony = decodeStorages(dataOf('symo-hybrid/1.7.2-5/GetStorageRealtimeData.json')).get('0')!;
    expect(sony.modules).toHaveLength(3);
    expect(sony.modules[0]!.quantities.cycles).toEqual({ value: 343, unit: '1' });
  });

  it('of what there is: names in entities, states in words, the level a GEN24 leaves out', () => {
    expect(decodeInverterInfo(dataOf('ha/symo/GetInverterInfo_night.json')).get('1')).toEqual({
      ...{
        deviceType: 121,
        name: 'Symo 20',
        serial: '1234567',
        pvPower: W(23100),
        state: 'running',
        status: 7,
        error: 0,
      },
    });
    expect(decodeInverterInfo(dataOf('iobroker/InverterInfoGen24.json')).get('1')).toMatchObject({ state: 'running' });
    expect(decodeInverterInfo(dataOf('iobroker/InverterInfo.json')).get('2')!.serial).toBeUndefined();
    const sleeping = decodeInverterInfo(dataOf('froniuspusher/03_slave_GetInverterInfo.json')).get('1');
    expect(sleeping).toMatchObject({ state: 'sleeping', status: 13, error: 1175, deviceType: 1 });
    expect(decodeActiveDevices(dataOf('iobroker/ActiveDeviceInfoSystemGen24.json'))).toEqual([
      { deviceClass: 'Inverter', number: '1', deviceType: 1, serial: '90000000000000002' },
      { deviceClass: 'Meter', number: '0', deviceType: -1, serial: '90000008' },
      { deviceClass: 'Ohmpilot', number: '0', deviceType: -1, serial: '90000009' },
    ]);
    expect(decodeLoggerInfo(dataOf('symo-hybrid/1.8.1-9/GetLoggerInfo.json'))).toEqual({
      ...{ product: 'fronius-hybrid', software: '1.8.1-9', hardware: '2.4D', serial: '239.9001', utcOffset: 3600 },
    });
  });

  it('of an archive, in order of time whatever the order of the keys', () => {
    const nodes = decodeArchive(dataOf('symo-hybrid/archive/archivedata_day_2017-08-30.json'));
    const { start, channels } = nodes.get('meter:90000001')!;
    expect(start).toBe(Date.parse('2017-08-30T00:00:00+02:00'));
    const { rows, unit, dropped } = channels.get('EnergyReal_WAC_Minus_Absolute')!;
    expect({ unit, dropped, count: rows.length }).toEqual({ unit: 'Wh', dropped: 0, count: 288 });
    expect(rows.map(([offset]) => offset)).toEqual(Array.from({ length: 288 }, (_, i) => i * 300));
    const inverter = decodeArchive(dataOf('bergos/archive.json')).get('inverter/1')!;
    expect(inverter.deviceType).toBe(99);
    expect(inverter.channels.get('TimeSpanInSec')).toEqual({
      unit: 's',
      dropped: 0,
      rows: [
        [0, 299],
        [300, 300],
      ],
    });
    expect(inverter.channels.has('InverterErrors')).toBe(false);
  });
});
