import { VirtualClock } from '@smx-edge/model';
import {
  API_VERSION_PATH,
  decodeActiveDevices,
  decodeApiVersion,
  decodeBody,
  decodeInverter,
  decodeInverterInfo,
  decodeInverters,
  decodeMeters,
  decodePowerFlow,
  decodeStorages,
  encodeRequest,
  SOLAR_API_V0,
  type ApiVersion,
  type JsonObject,
  type SolarApiRequest,
} from '@smx-edge/protocols/solar-api';
import { control, parseSiteConfig, startSite, type Site } from '../site/index.js';

const NOON = '2026-06-20T10:00:00Z';
const NIGHT = '2026-06-21T00:30:00Z';

let site: Site;
let clock: VirtualClock;
const url = (): string => site.devices.get('web')!.source;

async function begin(device: object = {}, house: object = {}): Promise<void> {
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const config = { seed: 5, start: NOON, meters: [], ev: false, heatPump: false, battery: { soc: 50 }, ...house };
  const devices = [{ protocol: 'solar-api', name: 'web', ...device }];
  site = await startSite(parseSiteConfig({ ...config, devices }), { clock });
  clock.advance(20_500);
}

afterEach(() => site.stop());

const tell = (command: object): object => control(site, JSON.stringify({ device: 'web', ...command }));
const get = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(`${url()}${path}`)).arrayBuffer()); // prettier-ignore

async function version(): Promise<ApiVersion> {
  const answer = decodeApiVersion(await get(API_VERSION_PATH));
  if ('fault' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const asked = async (request: SolarApiRequest, of?: ApiVersion) =>
  decodeBody(await get(encodeRequest(of ?? (await version()), request)));

async function data(request: SolarApiRequest, of?: ApiVersion): Promise<JsonObject> {
  const body = await asked(request, of);
  if ('fault' in body) throw new Error(JSON.stringify(body));
  return body.data;
}

/** Numbers of a reading; what it has none for is left out. */
const numbers = (quantities: object): Record<string, number> =>
  Object.fromEntries(Object.entries(quantities as Record<string, { value: number | null }>).flatMap(([name, { value }]) => value === null ? [] : [[name, value]])); // prettier-ignore

describe('Solar API of the house', () => {
  it.each(['gen24', 'datamanager'])(
    'of a %s tells what the house does, with the signs of the wire',
    async (flavour) => {
      await begin({ flavour });
      const { pv, battery, meter, grid } = site.house;
      const { site: flow, inverters } = decodePowerFlow(await data({ ask: 'power-flow' }));
      const now = numbers(flow);
      expect(pv.power).toBeGreaterThan(500);
      expect(now).toMatchObject({ pv: pv.power, grid: meter.power, battery: -battery!.meter.power });
      expect(now['load']).toBe(-(meter.power + pv.power - battery!.meter.power));
      expect('energyDay' in now).toBe(flavour === 'datamanager');
      expect(numbers(inverters.get('1')!.quantities)).toMatchObject({ soc: battery!.soc });
      const inverter = decodeInverter(await data({ ask: 'inverter', device: 1 }));
      expect(numbers(inverter.quantities)).toMatchObject({ power: pv.power - battery!.meter.power, frequency: grid.frequency }); // prettier-ignore
      expect(inverter.state).toBe('running');
      const phases = numbers(decodeInverter(await data({ ask: 'inverter', device: 1, collection: '3PInverterData' })).quantities); // prettier-ignore
      expect(phases).toMatchObject({ voltageL1: grid.voltage[0], voltageL3: grid.voltage[2] });
      const all = decodeInverters(await data({ ask: 'inverters' }));
      expect(numbers(all.get('1')!.quantities)['power']).toBe(pv.power - battery!.meter.power);
      const read = numbers(decodeMeters(await data({ ask: 'meters' })).get('0')!.quantities);
      expect(read).toMatchObject({ power: meter.power, energyConsumed: meter.wattHours('import'), voltageL2: grid.voltage[1] }); // prettier-ignore
      const store = numbers(decodeStorages(await data({ ask: 'storages' })).get('0')!.controller.quantities);
      expect(store).toMatchObject({ soc: battery!.soc, capacity: 10_000 });
      expect([...decodeInverterInfo(await data({ ask: 'inverter-info' })).values()]).toMatchObject([{ name: 'House' }]);
      const classes = decodeActiveDevices(await data({ ask: 'active-devices' })).map(({ deviceClass }) => deviceClass);
      expect(new Set(classes)).toEqual(new Set(['Inverter', 'Meter', 'Storage']));
    },
  );

  it.each(['gen24', 'datamanager'])('of a %s has no powers by night, and none of them is 0', async (flavour) => {
    await begin({ flavour }, { start: NIGHT, battery: false });
    const now = numbers(decodePowerFlow(await data({ ask: 'power-flow' })).site);
    expect(['pv' in now, 'battery' in now, now['grid']]).toEqual([false, false, site.house.meter.power]);
    const inverter = decodeInverter(await data({ ask: 'inverter', device: 1 }));
    expect(numbers(inverter.quantities)).toEqual(flavour === 'gen24' ? { energyTotal: expect.any(Number) } : { energyDay: 0, energyYear: expect.any(Number), energyTotal: expect.any(Number) }); // prettier-ignore
    expect(inverter.state).toBe('sleeping');
    const storages = await asked({ ask: 'storages' });
    expect(storages).toMatchObject(flavour === 'gen24' ? { data: {} } : { fault: expect.anything() });
  });

  it('of version 0 knows no version, and inverters by their index', async () => {
    await begin({ flavour: 'datamanager', version: 'v0' });
    expect((await fetch(`${url()}${API_VERSION_PATH}`)).status).toBe(404);
    const inverter = decodeInverter(await data({ ask: 'inverter', device: 1 }, SOLAR_API_V0));
    expect(numbers(inverter.quantities)['frequency']).toBe(site.house.grid.frequency);
    expect((await fetch(`${url()}${encodeRequest(SOLAR_API_V0, { ask: 'power-flow' })}`)).status).toBe(404);
  });

  it.each([
    ['GetInverterRealtimeData.cgi', 6],
    ['GetInverterRealtimeData.cgi?Scope=Device', 6],
    ['GetInverterRealtimeData.cgi?Scope=Device&DeviceId=1&DataCollection=None', 6],
    ['GetInverterRealtimeData.cgi?Scope=Device&DeviceId=9&DataCollection=CommonInverterData', 12],
    ['GetActiveDeviceInfo.cgi', 6],
    ['GetLoggerInfo.cgi', 11],
  ])('answers %s with status %d', async (path, code) => {
    await begin();
    const answer = (await (await fetch(`${url()}/solar_api/v1/${path}`)).json()) as { Head: { Status: { Code: number } } }; // prettier-ignore
    expect(answer.Head.Status.Code).toBe(code);
  });
});

describe('faults of the Solar API', () => {
  const V1 = { version: 1, base: '/solar_api/v1/' };
  const FLOW = '/solar_api/v1/GetPowerFlowRealtimeData.fcgi';

  it('answers with a page, an end in NUL bytes, what it did not reach, or other names', async () => {
    await begin();
    tell({ fault: 'html', answers: 1 });
    expect(Buffer.from(await get(FLOW)).toString()).toContain('<html');
    tell({ fault: 'nul', answers: 1 });
    expect((await get(FLOW)).at(-1)).toBe(0);
    tell({ fault: 'lost', answers: 1 });
    expect(JSON.parse(Buffer.from(await get(FLOW)).toString())).toMatchObject({ Head: { Status: { Code: 8 } } });
    tell({ fault: 'off', answers: 1 });
    expect((await fetch(`${url()}${FLOW}`)).status).toBe(404);
    tell({ fault: 'night', answers: 1 });
    const dark = numbers(decodePowerFlow(await data({ ask: 'power-flow' }, V1)).site);
    expect(['pv' in dark, 'battery' in dark, 'grid' in dark]).toEqual([false, false, true]);
    const before = numbers(decodeMeters(await data({ ask: 'meters' })).get('0')!.quantities);
    tell({ fault: 'renamed' });
    const body = Buffer.from(await get('/solar_api/v1/GetMeterRealtimeData.cgi?Scope=System')).toString();
    expect(body).toContain('SMARTMETER_POWERACTIVE_MEAN_SUM_F64');
    const after = numbers(decodeMeters(await data({ ask: 'meters' })).get('0')!.quantities);
    for (const name of ['power', 'powerL2', 'energyConsumed', 'voltageL1', 'currentL3', 'frequency']) expect([name, after[name]]).toEqual([name, before[name]]); // prettier-ignore
  });

  it('tells its time with an offset, and by a clock that is off', async () => {
    await begin();
    const stamp = async (): Promise<string> => (JSON.parse(Buffer.from(await get(FLOW)).toString()) as { Head: { Timestamp: string } }).Head.Timestamp; // prettier-ignore
    expect(await stamp()).toBe('2026-06-20T12:00:20+02:00');
    tell({ fault: 'clock', by: -113 });
    expect(await stamp()).toBe('2026-06-20T11:58:27+02:00');
  });

  it('answers late, in part, or never, and is good again', async () => {
    await begin();
    tell({ fault: 'cut' });
    await expect(get(FLOW)).rejects.toThrow();
    tell({ fault: 'silence', answers: 1 });
    const never = new AbortController();
    const silent = fetch(`${url()}${FLOW}`, { signal: never.signal });
    setTimeout(() => never.abort(), 50);
    await expect(silent).rejects.toThrow('abort');
    tell({ fault: 'delay', by: 30, answers: 1 });
    const come: number[] = [];
    const late = get(FLOW).then((bytes) => come.push(bytes.length));
    for (let i = 0; i < 2000 && come.length === 0; i++) {
      clock.advance(i < 10 ? 100 : 10_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (i < 10) expect(come).toEqual([]);
    }
    await late;
    expect((await get(FLOW)).length).toBeGreaterThan(100);
  });
});
