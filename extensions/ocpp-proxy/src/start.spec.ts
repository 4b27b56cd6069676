import { createServer, type AddressInfo } from 'node:net';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { DEFAULTS, TestBackEnd, testChargePoint, until } from '../test-support/index.js';
import { WebSocket } from 'ws';
import proxy from './index.js';
import { relaySettingsOf } from './settings.js';

let harness: Harness | undefined;
let backEnd: TestBackEnd;

const SECRET = `Basic ${Buffer.from('CP1:do not tell').toString('base64')}`;

beforeEach(async () => (backEnd = await TestBackEnd.open()));
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
  await backEnd.close();
});

function run(config: object = {}): Harness {
  harness = runExtension(proxy, { config: { ...DEFAULTS, backend: backEnd.url, ...config } });
  return harness;
}

const said = (): string => harness!.seen.statuses.at(-1)?.text ?? '';
const address = async (): Promise<string> => {
  await harness!.until(() => said().includes('charge points dial'));
  return /charge points dial (\S+)\/ID/.exec(said())![1]!;
};

it('says where charge points dial in, who is connected and whose back end refuses', async () => {
  run();
  const url = await address();
  const { peer } = await testChargePoint(`${url}/CP1`, { authorization: SECRET });
  await harness!.until(() => said().startsWith('1 connected; '));
  backEnd.plan = { refuse: 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' };
  await testChargePoint(`${url}/CP2`, { authorization: SECRET });
  await harness!.until(() =>
    said().startsWith('the back end of CP2 cannot be used: it refused with status 403; 1 connected'),
  );
  peer.ws.close();
  await harness!.until(() => said().includes('no charge point is connected'));
  expect(harness!.seen.statuses.at(-1)?.state).toBe('warning');
});

it('never tells a password', async () => {
  run();
  const url = await address();
  await testChargePoint(`${url}/CP1`, { authorization: SECRET });
  await testChargePoint(`${url}/CP1`, { authorization: SECRET });
  backEnd.plan = { refuse: 'nothing that anyone understands' };
  await testChargePoint(`${url}/CP1`, { authorization: SECRET });
  await harness!.until(() => harness!.seen.logs.length > 1);
  const told = JSON.stringify([harness!.seen.logs, harness!.seen.statuses, harness!.seen.events]);
  expect(told).not.toContain(SECRET.slice(6));
  expect(told).not.toContain('do not tell');
});

it('ends connections with 1001 when it stops', async () => {
  run();
  const { peer } = await testChargePoint(`${await address()}/CP1`);
  await harness!.stop();
  await until(() => peer.end !== undefined && backEnd.last.end !== undefined);
  expect([peer.end!.code, backEnd.last.end!.code]).toEqual([1001, 1001]);
});

describe('a port that is taken', () => {
  it('is told, and tried again', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    run({ listen: `ws://127.0.0.1:${port}` });
    await harness!.until(() => said().includes('taken by another program'));
    other.close();
    expect(await address()).toBe(`ws://127.0.0.1:${port}`);
  });
});

describe('what an operator gets wrong', () => {
  it('is said: a back end that is the instance itself', () => {
    const of = (listen: string, backend: string) => () => relaySettingsOf({ ...DEFAULTS, listen, backend });
    expect(of('ws://0.0.0.0:9000/ocpp', 'ws://localhost:9000/ocpp')).toThrow('is this instance itself');
    expect(of('ws://127.0.0.1:9000/ocpp', 'ws://127.0.0.1:9001/ocpp')).not.toThrow();
  });

  it('is said: a charge point that is not under stations, and a back end that is not there', async () => {
    run({ backend: 'ws://127.0.0.1:1/x', stations: { CP1: {} } });
    const at = await address();
    for (const id of ['CP-1', 'CP1']) new WebSocket(`${at}/${id}`, ['ocpp1.6']).on('error', () => {});
    await harness!.until(() => said().includes('"CP-1" dialled and is not under stations'));
    await harness!.until(() =>
      said().includes('the back end of CP1 cannot be used: 127.0.0.1:1: nothing listens there'),
    );
  });
});

describe('the test', () => {
  const test = async (config: object): Promise<unknown> =>
    proxy.test!({ ...DEFAULTS, backend: backEnd.url, ...config }, undefined as never);

  it('finds back ends that can be reached and a port that is free', async () => {
    expect(await test({})).toEqual({ ok: true, text: `${backEnd.url} can be reached; port 0 is free` });
  });

  it('finds those that cannot, also of one charge point, and one that is no TLS', async () => {
    const stations = { CP1: { backend: 'ws://127.0.0.1:1/x' }, CP2: { backend: backEnd.url.replace('ws', 'wss') } };
    const found = (await test({ stations })) as { ok: boolean; text: string };
    expect(found.ok).toBe(false);
    expect(found.text).toContain('ws://127.0.0.1:1 cannot be reached: nothing listens there (ECONNREFUSED)');
    expect(found.text).toMatch(/wss:\S+ cannot be reached/);
  });

  it('finds an address that this box has not', async () => {
    expect(await test({ listen: 'ws://192.0.2.1:9000' })).toMatchObject({ ok: false });
  });
});
