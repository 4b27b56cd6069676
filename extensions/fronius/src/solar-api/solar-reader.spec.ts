import { bodyOf, ScriptedLogger, VERSION, type Script } from '../../test-support/scripted-logger.js';
import type { ApiPart } from './parts/api-part.js';
import { SolarApi } from './solar-api.js';
import { SolarReader } from './solar-reader.js';

const INFO = 'GetInverterInfo.cgi';
const FLOW = 'GetPowerFlowRealtimeData.fcgi';
const METERS = 'GetMeterRealtimeData.cgi';
const REALTIME = 'GetInverterRealtimeData.cgi';
const PHASES = `${REALTIME}?Scope=Device&DeviceId=1&DataCollection=3PInverterData`;

let logger: ScriptedLogger;
let reader: SolarReader;
let turning: NodeJS.Timeout;
/** The newest value by device and path. */
let seen: Record<string, unknown>;

async function begin(scripts: Record<string, Script>): Promise<void> {
  logger = new ScriptedLogger({
    'GetAPIVersion.cgi': VERSION,
    [INFO]: bodyOf({ 1: { DT: 83, UniqueID: '7', StatusCode: 7 } }),
    [FLOW]: bodyOf({ Site: { P_PV: 100, P_Grid: -40 }, Inverters: { 1: { P: 90 } } }),
    ...scripts,
  });
  seen = {};
  const api = new SolarApi({ base: await logger.listen(), timeout: 300 });
  const take = (part: ApiPart): void => {
    for (const { path, value } of part.points) seen[`${part.kind} ${part.number} ${path}`] = value;
  };
  reader = new SolarReader({ api, fast: 20, slow: 60, random: () => 0, take: ({ parts }) => parts.forEach(take) });
  turning = setInterval(() => void turn(), 5);
}

let busy = false;
async function turn(): Promise<void> {
  if (busy) return;
  busy = true;
  await reader.turn();
  busy = false;
}

async function end(): Promise<void> {
  clearInterval(turning);
  reader.close();
  await logger.close();
}
afterEach(end);

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition();) {
    if (Date.now() > end)
      throw new Error(`it did not come about: ${JSON.stringify(seen)} ${JSON.stringify(reader.state)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const asked = (name: string): number => logger.asked.filter((path) => path.includes(name)).length;

describe('a reader of a Solar API', () => {
  it('asks powers often, all else rarely, and for what there is once an hour', async () => {
    await begin({ [REALTIME]: bodyOf({ UAC: { Unit: 'V', Value: 230 } }) });
    await until(() => asked(FLOW) > 12 && asked(REALTIME) < asked(FLOW));
    expect(asked('GetActiveDeviceInfo.cgi')).toBe(1);
    expect(seen).toMatchObject({
      'pv 1 power': -100,
      'inverter 1 power/active': -90,
      'meter feed-in power/active': -40,
    });
  });

  it('looks again where a device kept silent at the first look', async () => {
    let left = 3;
    const info = bodyOf({ 1: { DT: 83, UniqueID: '7' } });
    await begin({ [INFO]: (response) => response.end(left-- > 0 ? bodyOf({}, 8) : info), [REALTIME]: bodyOf({ FAC: { Unit: 'Hz', Value: 50 } }) }); // prettier-ignore
    await until(() => seen['inverter 1 frequency'] === 50);
    expect(reader.state).toMatchObject({ state: 'ok' });
  });

  it('asks for the rest where one answer is never one', async () => {
    await begin({ [METERS]: bodyOf({ 0: { PowerReal_P_Sum: 5 } }) });
    await until(() => seen['meter feed-in power/active'] === 5);
    logger.scripts[METERS] = '{"Body"';
    const flows = asked(FLOW);
    await until(() => asked(FLOW) > flows + 3);
    expect(reader.state).toMatchObject({ state: 'warning', text: expect.stringContaining('all but meters') });
    logger.scripts[METERS] = bodyOf({ 0: { PowerReal_P_Sum: 6 } });
    await until(() => seen['meter feed-in power/active'] === 6);
    expect(reader.state.state).toBe('ok');
  });

  it('says so of a host that tells of nothing, and looks again until it does', async () => {
    const refusal = JSON.stringify({ Head: { Status: { Code: 1, Reason: 'starting' } }, Body: { Data: {} } });
    await begin({ [INFO]: refusal, [FLOW]: refusal });
    await until(() => reader.state.state !== 'busy');
    expect(reader.state).toEqual({ state: 'error', text: expect.stringMatching(/tells of no inverter.*asked again/) });
    logger.scripts[FLOW] = bodyOf({ Site: { P_PV: 100 }, Inverters: { 1: { P: 90 } } });
    await until(() => reader.state.state === 'ok' && seen['inverter 1 power/active'] === -90);
  });

  it('takes one phase where there is one, and three where there are three', async () => {
    const common = bodyOf({ UAC: { Unit: 'V', Value: 231 }, IAC: { Unit: 'A', Value: 4 } });
    await begin({ [REALTIME]: common, [PHASES]: bodyOf({}) });
    await until(() => seen['inverter 1 voltage/l1'] === 231);
    const phases = asked(PHASES);
    await until(() => asked(REALTIME) > 8);
    expect(asked(PHASES)).toBe(phases);
    await end();
    await begin({ [REALTIME]: common, [PHASES]: bodyOf({ UAC_L3: { Unit: 'V', Value: 229 } }) });
    await until(() => seen['inverter 1 voltage/l3'] === 229);
    expect(seen['inverter 1 voltage/l1']).toBeUndefined();
  });

  it('tells what is left out now', async () => {
    await begin({ [REALTIME]: bodyOf({ FAC: { Unit: 'Hz', Value: 50 } }) });
    await until(() => seen['inverter 1 frequency'] === 50);
    logger.scripts[REALTIME] = bodyOf({});
    await until(() => seen['inverter 1 frequency'] === null);
  });

  it('has 0 W for what sleeps, and no value for what does not say so', async () => {
    const dark = bodyOf({ Site: { P_PV: null, P_Akku: null }, Inverters: { 1: { P: null, Battery_Mode: 'normal' } } });
    await begin({ [FLOW]: dark, [REALTIME]: bodyOf({ DeviceStatus: { StatusCode: 7 } }) });
    await until(() => 'pv 1 power' in seen);
    expect(seen).toMatchObject({ 'pv 1 power': null, 'battery 1 power': null, 'inverter 1 power/active': null });
    logger.scripts[REALTIME] = bodyOf({ DeviceStatus: { StatusCode: 13 } });
    await until(() => seen['pv 1 power'] === 0);
    expect(seen).toMatchObject({ 'battery 1 power': 0, 'inverter 1 power/active': 0, 'inverter 1 status': 'sleeping' });
  });

  it('knows what a host has over its faults, and looks again after many of them', async () => {
    await begin({ [REALTIME]: bodyOf({ FAC: { Unit: 'Hz', Value: 50 } }) });
    await until(() => seen['inverter 1 frequency'] === 50);
    const scripts = { ...logger.scripts };
    for (const key of Object.keys(scripts)) logger.scripts[key] = 500;
    await until(() => reader.state.state === 'error');
    expect(reader.state.text).toContain('HTTP 500');
    Object.assign(logger.scripts, scripts, { [INFO]: bodyOf({ 2: { DT: 83, UniqueID: '8' } }) });
    await until(() => reader.state.state === 'ok');
    expect(reader.inventory.inverters.map(({ number }) => number)).toContain('1');
  });
});
