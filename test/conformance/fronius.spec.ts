import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import fronius from '@smx-edge/fronius';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';

/** Recorded answers of real devices, served as their web servers did, through the whole extension. */
const DATA = resolve(__dirname, '../../../shared/data/fronius/solarapi');
const given = existsSync(DATA) ? describe : describe.skip;

const VERSION = { APIVersion: 1, BaseURL: '/solar_api/v1/', CompatibilityRange: '1.5-9' };
const INFO = { Head: { Status: { Code: 0 } }, Body: { Data: { 1: { DT: 83, StatusCode: 7, UniqueID: '900001' } } } };

interface Recorded {
  readonly title: string;
  /** File by the name of the call it answers; of one that is not there the logger knows nothing. */
  readonly files: Readonly<Record<string, string>>;
  /** What is then to be seen; a number to 6 decimals, null for no value. */
  readonly seen: Readonly<Record<string, number | string | null>>;
  readonly devices: readonly string[];
}

const HYBRID = 'symo-hybrid';
const RECORDED: readonly Recorded[] = [
  {
    title: 'a Symo Hybrid that charges (1.8.1-9)',
    files: {
      GetInverterInfo: `${HYBRID}/1.8.1-9/GetInverterInfo.json`,
      GetPowerFlowRealtimeData: `${HYBRID}/1.8.1-9/GetPowerFlowRealtimeData.json`,
      GetStorageRealtimeData: `${HYBRID}/1.8.1-9/GetStorageRealtimeData.json`,
    },
    seen: {
      ...{ 'pv/power': -692.9, 'battery/power': 295.47, 'battery/soc': 8, 'battery/state': 'charging' },
      ...{ 'inverter/power/active': -345, 'pcc/power/active': 45.93999897316098, 'inverter/serial': '900001' },
    },
    devices: ['battery', 'inverter', 'pcc', 'pv'],
  },
  {
    title: 'a Symo Hybrid with its meter (1.2.3-1)',
    files: {
      GetInverterInfo: `${HYBRID}/1.2.3-1/GetInverterInfo.json`,
      GetPowerFlowRealtimeData: `${HYBRID}/1.2.3-1/GetPowerFlowRealtimeData.json`,
      GetMeterRealtimeData: `${HYBRID}/1.2.3-1/GetMeterRealtimeData.json`,
      GetStorageRealtimeData: `${HYBRID}/1.2.3-1/GetStorageRealtimeData.json`,
    },
    seen: {
      ...{ 'pcc/power/active': -2928.56, 'pcc/power/active/l2': -1039.99, 'pcc/power/factor': -0.99 },
      ...{ 'pcc/energy/active/import': 24_009, 'pcc/energy/active/export': 176_829, 'pcc/voltage/l1-l2': 402 },
      ...{ 'pcc/serial': '90000001', 'battery/power': 0, 'battery/state': 'holding', 'battery/soc': 99 },
    },
    devices: ['battery', 'inverter', 'pcc', 'pv'],
  },
  {
    title: 'answers with NUL bytes behind them (1.3.2-3)',
    files: {
      GetActiveDeviceInfo: `${HYBRID}/1.3.2-3/GetActiveDeviceInfo.json`,
      GetMeterRealtimeData: `${HYBRID}/1.3.2-3/GetMeterRealtimeData.json.invalid.txt`,
      GetStorageRealtimeData: `${HYBRID}/1.3.2-3/GetStorageRealtimeData.json.invalid.txt`,
    },
    seen: { 'pcc/serial': '90000001', 'battery/soc': 99 },
    devices: ['battery', 'pcc'],
  },
  {
    title: 'a GEN24 in backup with its battery and an Ohmpilot',
    files: {
      GetInverterInfo: 'ha/gen24_storage/GetInverterInfo.json',
      GetPowerFlowRealtimeData: 'ha/gen24_storage/GetPowerFlowRealtimeData.json',
      GetStorageRealtimeData: 'ha/gen24_storage/GetStorageRealtimeData.json',
      GetOhmPilotRealtimeData: 'ha/gen24_storage/GetOhmPilotRealtimeData.json',
    },
    seen: {
      ...{ 'pv/power': -216.432767868042, 'battery/power': -0.15907810628414154, 'battery/soc': 4.6 },
      ...{
        'battery/state': 'suspended',
        'battery/capacity': 16_588,
        'pcc/power/active': 2274.9,
        'ohmpilot/power/active': 0,
      },
      'ohmpilot/status': 'normal',
    },
    devices: ['battery', 'inverter', 'ohmpilot', 'pcc', 'pv'],
  },
  {
    title: 'a GEN24 without a battery, which has a state of charge of 0 all the same',
    files: {
      GetInverterInfo: 'ha/gen24/GetInverterInfo.json',
      GetLoggerInfo: 'ha/gen24/GetLoggerInfo_notsupported.json',
      GetPowerFlowRealtimeData: 'ha/gen24/GetPowerFlowRealtimeData.json',
      GetStorageRealtimeData: 'ha/gen24/GetStorageRealtimeData_empty.json',
      GetInverterRealtimeData: 'ccremer/realtimedata.json',
    },
    seen: {
      ...{ 'pv/power': -62.94814872741699, 'inverter/frequency': 50.02987289428711, 'inverter/status': 'mppt' },
      ...{ 'inverter/energy/active/export': 1_392_623.8052777778, 'inverter/voltage/l1': 232.3592071533203 },
      ...{ 'pv/mppt2/voltage': 72.19498443603516 },
    },
    devices: ['inverter', 'pcc', 'pv'],
  },
  {
    title: 'two Primos with an S0 meter in the consumption path',
    files: {
      GetPowerFlowRealtimeData: 'ha/primo_s0/GetPowerFlowRealtimeData.json',
      GetMeterRealtimeData: 'ha/primo_s0/GetMeterRealtimeData.json',
    },
    seen: {
      ...{ 'inverter/power/active': -886, 'inverter2/power/active': -948, 'pv/power': -1834 },
      ...{ 'load/power/active': 2216.748685811223, 'pcc/power/active': 384.9349143729901 },
    },
    devices: ['inverter', 'inverter2', 'load', 'pcc', 'pv'],
  },
  {
    title: 'a Symo at night that says it runs: no power is not 0 W',
    files: {
      GetInverterInfo: 'ha/symo/GetInverterInfo_night.json',
      GetPowerFlowRealtimeData: 'ha/symo/GetPowerFlowRealtimeData_night.json',
      GetStorageRealtimeData: 'ha/symo/GetStorageRealtimeData_notsupported.json',
    },
    seen: { 'inverter/power/active': 0, 'pcc/power/active': 975.31, 'pv/power': null },
    devices: ['inverter', 'pcc', 'pv'],
  },
  {
    title: 'a site of six meters at all places',
    files: {
      GetInverterInfo: 'iobroker/InverterInfo.json',
      GetMeterRealtimeData: 'iobroker/MeterRealtimeDataSystem.json',
      GetPowerFlowRealtimeData: 'iobroker/PowerflowRealtimeDataHybrid.json',
    },
    seen: {
      ...{
        'pcc/power/active': -25.53,
        'pcc/energy/active/import': 19_838_697,
        'load-256/power/active': 458.5162353515625,
      },
      ...{ 'battery/power': 384.7, 'ohmpilot/power/active': 2635, 'generator/power/active': 0 },
    },
    devices: [
      'battery',
      'generator',
      'inverter',
      'load-256',
      'load-257',
      'load-258',
      'load-259',
      'ohmpilot',
      'pcc',
      'pv',
    ],
  },
];

given('recorded answers', () => {
  let server: Server;
  let harness: Harness;
  afterEach(async () => {
    await harness.stop();
    server.closeAllConnections();
    server.close();
    expect(harness.seen.exceptions).toEqual([]);
    expect(harness.seen.refused).toEqual([]);
  });

  it.each(RECORDED)('of $title', async ({ files, seen, devices }) => {
    server = createServer((request, response) => {
      const name = /(\w+)\.f?cgi/.exec(request.url ?? '')?.[1] ?? '';
      const file = files[name];
      if (name === 'GetAPIVersion') response.end(JSON.stringify(VERSION));
      else if (file !== undefined) response.end(readFileSync(join(DATA, file)));
      else if (name === 'GetInverterInfo') response.end(JSON.stringify(INFO));
      else response.writeHead(404).end('<html><title>404</title></html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    harness = runExtension(fronius, { config: { api, 'api-poll': '200ms' } });
    const { values } = harness.seen;
    const paths = Object.keys(seen).filter((path) => seen[path] !== null);
    await harness.until(() => paths.every((path) => values.has(path)), 20_000).catch(() => undefined);
    const found = Object.fromEntries(Object.keys(seen).map((path) => [path, values.get(path)?.value ?? null]));
    const close = Object.entries(seen).map(([path, is]) => [path, typeof is === 'number' ? expect.closeTo(is, 6) : is]);
    expect(found).toEqual(Object.fromEntries(close));
    expect([...harness.seen.devices.values()].map(({ name }) => name).sort()).toEqual(devices);
  });
});
