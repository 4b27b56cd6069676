import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { DEFAULTS, TestBackEnd, testChargePoint, until } from '../../test-support/index.js';
import proxy from '../index.js';

let harness: Harness;
let backEnd: TestBackEnd;
let secondary: TestBackEnd;

beforeEach(async () => {
  backEnd = await TestBackEnd.open();
  secondary = await TestBackEnd.open();
});
afterEach(async () => {
  await harness.stop();
  await backEnd.close();
  await secondary.close();
});

const said = (): string => harness.seen.statuses.at(-1)?.text ?? '';

it('gives copies to a mirror, and serves the charge point whose config says so while its back end is away', async () => {
  const mirrors = [{ url: secondary.url, auth: 'own' }];
  const stations = { A: { away: 'island' as const }, B: {} };
  harness = runExtension(proxy, { config: { ...DEFAULTS, backend: backEnd.url, mirrors, stations } });
  await harness.until(() => said().includes('charge points dial'));
  const url = /charge points dial (\S+)\/ID/.exec(said())![1]!;
  const a = (await testChargePoint(`${url}/A`, { offer: 'ocpp1.6' })).peer;
  const b = (await testChargePoint(`${url}/B`, { offer: 'ocpp1.6' })).peer;
  await until(() => backEnd.peers.length === 2 && secondary.peers.length === 2);
  a.ws.send('[2,"1","Heartbeat",{}]');
  await until(() => secondary.peers.some(({ texts }) => texts.includes('[2,"1","Heartbeat",{}]')));
  backEnd.plan = { refuse: 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' };
  for (const { ws } of backEnd.peers) ws.close(1012);
  await until(() => b.end !== undefined);
  a.ws.send('[2,"2","Heartbeat",{}]');
  await until(() => a.texts.some((text) => text.startsWith('[3,"2",{"currentTime"')));
  expect(a.end).toBeUndefined();
  expect(b.end!.code).toBe(1012);
});

it('does not start where two back ends would command the same', async () => {
  const mirrors = [{ url: secondary.url, calls: ['Reset'] }];
  harness = runExtension(proxy, { config: { ...DEFAULTS, backend: backEnd.url, mirrors } });
  await harness.until(() => harness.seen.failed !== undefined);
  expect(harness.seen.failed).toMatchObject({
    code: 'SMX_EXTENSION_CONFIG',
    message: expect.stringMatching(/only the back end itself may/),
  });
});
