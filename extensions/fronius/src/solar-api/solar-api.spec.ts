import type { ServerResponse } from 'node:http';
import { isSmxError } from '@smx-edge/model';
import { bodyOf, ScriptedLogger, VERSION, type Script } from '../../test-support/scripted-logger.js';
import { baseOf, SolarApi } from './solar-api.js';

let logger: ScriptedLogger;
let api: SolarApi;

async function begin(scripts: Record<string, Script>): Promise<void> {
  logger = new ScriptedLogger({ 'GetAPIVersion.cgi': VERSION, ...scripts });
  api = new SolarApi({ base: await logger.listen(), timeout: 400 });
}

afterEach(async () => {
  api.close();
  await logger.close();
});

const FLOW = 'GetPowerFlowRealtimeData.fcgi';
const flow = (): Promise<unknown> => api.ask({ ask: 'power-flow' });

async function faultOf(asked: Promise<unknown>): Promise<{ code?: string; message: string }> {
  try {
    return { message: `answered ${JSON.stringify(await asked)}` };
  } catch (error) {
    return isSmxError(error) ? { code: error.code, message: error.message } : { message: String(error) };
  }
}

describe('the Solar API of a host', () => {
  it('finds the version once, and asks one thing at a time', async () => {
    await begin({ [FLOW]: (response) => void setTimeout(() => response.end(bodyOf({ Site: {} })), 20) });
    await Promise.all([flow(), flow(), flow()]);
    expect(logger.busiest).toBe(1);
    expect(logger.asked).toEqual(['/solar_api/GetAPIVersion.cgi', ...Array(3).fill(`/solar_api/v1/${FLOW}`)]);
    expect(api.version).toBe(1);
  });

  it('goes on after a request that failed', async () => {
    await begin({ [FLOW]: 'nonsense' });
    const [first] = await Promise.all([faultOf(flow()), faultOf(flow())]);
    expect(first).toMatchObject({ code: 'SMX_SOLARAPI_BODY' });
    logger.scripts[FLOW] = bodyOf({ Site: { P_PV: 1 } });
    expect(await flow()).toMatchObject({ data: { Site: { P_PV: 1 } } });
  });

  it('takes a 404 to the version for a logger of version 0 that answers as one', async () => {
    await begin({ 'GetAPIVersion.cgi': 404, '/solar_api/GetInverterInfo.cgi': bodyOf({ 1: { DT: 192 } }) });
    expect(await api.ask({ ask: 'inverter-info' })).toMatchObject({ data: { 1: { DT: 192 } } });
    expect(api.version).toBe(0);
    expect(await faultOf(flow())).toMatchObject({ code: 'SMX_SOLARAPI_UNSUPPORTED' });
  });

  it.each([
    ['whose API is off', { 'GetAPIVersion.cgi': 404 }],
    ['that is another web server', { 'GetAPIVersion.cgi': '<html><title>Router</title></html>' }],
    ['whose API was switched off meanwhile', {}],
  ] as [string, Record<string, Script>][])('says of a host %s what to do', async (_, scripts) => {
    await begin(scripts);
    const fault = await faultOf(flow());
    expect(fault.code).toBe('SMX_SOLARAPI_PAGE');
    expect(fault.message).toMatch(/switch (it|the Solar API) on/);
    expect(api.version).toBeUndefined();
  });

  it.each([
    [
      'sends on to https://10.0.0.1/',
      (response: ServerResponse) => response.writeHead(301, { location: 'https://10.0.0.1/' }).end(),
    ],
    ['denies access', 403],
  ] as [string, Script][])('says of a host that %s to give another address', async (what, script) => {
    await begin({ 'GetAPIVersion.cgi': script });
    expect(await faultOf(flow())).toEqual({ code: 'SMX_SOLARAPI_PAGE', message: expect.stringMatching(`${what}.*give the address`) }); // prettier-ignore
  });

  it('tells a request that is not there from an API that is off', async () => {
    await begin({ 'GetInverterInfo.cgi': bodyOf({}) });
    expect(await faultOf(api.ask({ ask: 'ohmpilots' }))).toMatchObject({ code: 'SMX_SOLARAPI_UNSUPPORTED' });
    expect(api.version).toBe(1);
  });

  it('asks again where the logger waited in vain for its device, and then says so', async () => {
    let left = 2;
    await begin({ [FLOW]: (response) => response.end(left-- > 0 ? bodyOf({}, 8) : bodyOf({ Site: {} })) });
    expect(await flow()).toMatchObject({ data: { Site: {} } });
    left = 99;
    expect(await faultOf(flow())).toMatchObject({ code: 'SMX_SOLARAPI_TIMEOUT' });
    expect(logger.asked.filter((path) => path.includes(FLOW))).toHaveLength(6);
  });

  it('takes what ends in NUL bytes under any type', async () => {
    await begin({ [FLOW]: `${bodyOf({ Site: { P_PV: 3 } })}\0\0` });
    expect(await flow()).toMatchObject({ data: { Site: { P_PV: 3 } } });
  });

  it.each<[string, string, Script]>([
    ['SMX_TRANSPORT_IDLE', 'keeps silent', () => undefined],
    ['SMX_SOLARAPI_BODY', 'breaks off', (response) => {
      response.writeHead(200, { 'content-length': 999 });
      response.write('{"Body"', () => response.destroy());
    }], // prettier-ignore
    ['SMX_SOLARAPI_BODY', 'never ends', (response) => {
      const part = Buffer.alloc(65_536, 0x20);
      const push = (): void => {
        while (!response.destroyed && response.write(part));
        response.once('drain', push);
      };
      push();
    }], // prettier-ignore
    ['SMX_TRANSPORT_IDLE', 'drips', (response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    }], // prettier-ignore
    ['SMX_SOLARAPI_BODY', 'has an error of its own', 500],
  ])('rejects with %s where the host %s', async (code, _, script) => {
    await begin({ [FLOW]: script });
    const began = performance.now();
    const fault = await faultOf(flow());
    expect(fault.code).toMatch(code === 'SMX_SOLARAPI_BODY' ? /BODY|PAGE/ : code);
    expect(performance.now() - began).toBeLessThan(5000);
    // and is asked again as if nothing had been
    logger.scripts[FLOW] = bodyOf({ Site: {} });
    expect(await flow()).toMatchObject({ data: { Site: {} } });
  });

  it('says what to look at where nobody is', async () => {
    await begin({});
    await logger.close();
    const fault = await faultOf(flow());
    expect(fault).toMatchObject({
      code: 'SMX_TRANSPORT_CONNECT',
      message: expect.stringContaining('check the address'),
    });
    await logger.listen();
  });

  it('gives up what is under way when it is closed', async () => {
    await begin({ [FLOW]: () => undefined });
    const asked = faultOf(flow());
    await new Promise((resolve) => setTimeout(resolve, 30));
    api.close();
    expect((await asked).code).toBe('SMX_TRANSPORT_CONNECT');
  });
});

describe('the address of a Solar API', () => {
  afterAll(() => undefined);
  it.each([
    ['http://192.0.2.10', 'http://192.0.2.10'],
    ['http://192.0.2.10/', 'http://192.0.2.10'],
    ['http://192.0.2.10/solar_api', 'http://192.0.2.10'],
    ['http://inverter.lan:8080/solar_api/v1/', 'http://inverter.lan:8080'],
    ['http://proxy/roof/solar_api/v1', 'http://proxy/roof'],
  ])('%s is %s', (given, base) => expect(baseOf(given)).toBe(base));
  it.each(['192.0.2.10', 'https://192.0.2.10', 'http://me:secret@192.0.2.10'])('%s is none', (given) =>
    expect(() => baseOf(given)).toThrow(/no address/),
  );
});
