import { TestBackEnd, testChargePoint, TestProxy, until, type Refused } from '../../test-support/index.js';

let backEnd: TestBackEnd;
let proxy: TestProxy;
const offer = 'ocpp1.6';

beforeEach(async () => {
  backEnd = await TestBackEnd.open();
  proxy = await TestProxy.open({
    backend: backEnd.url,
    stations: { A: {}, B: {}, C: { backend: 'ws://127.0.0.1:1' } },
  });
});

afterEach(async () => {
  proxy.close();
  await backEnd.close();
});

const refusal = async (id: string): Promise<Refused | undefined> =>
  (await testChargePoint(`${proxy.url}/${id}`, { offer })).refused;

describe('a back end that went', () => {
  it.each([
    [1000, 'bye'],
    [1008, 'policy'],
    [1012, 'restart'],
    [4001, 'own'],
  ])('is shown to the charge point: %d', async (code, reason) => {
    const { peer } = await testChargePoint(`${proxy.url}/A`, { offer });
    await until(() => backEnd.peers.length === 1);
    backEnd.last.ws.close(code, reason);
    await until(() => peer.end !== undefined);
    expect(peer.end).toEqual({ code, reason });
  });

  it('is shown as lost where it was lost', async () => {
    const { peer } = await testChargePoint(`${proxy.url}/A`, { offer });
    await until(() => backEnd.peers.length === 1);
    backEnd.last.ws.terminate();
    await until(() => peer.end !== undefined);
    expect(peer.end?.code).toBe(1006);
  });
});

describe('the breaker', () => {
  it('refuses with 503 and Retry-After without a dial, and lets one through once its pause is over', async () => {
    backEnd.plan = { refuse: 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n' };
    expect((await refusal('A'))?.status).toBe(502);
    expect(await refusal('A')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await refusal('B')).toMatchObject({ status: 503 });
    expect(backEnd.visits).toHaveLength(1);
    backEnd.plan = {};
    let peer: unknown;
    for (let tries = 0; peer === undefined && tries < 200; tries += 1) {
      peer = (await testChargePoint(`${proxy.url}/B`, { offer })).peer;
      if (peer === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(backEnd.visits).toHaveLength(2);
    expect((await testChargePoint(`${proxy.url}/A`, { offer })).refused).toBeUndefined();
  });

  it('is one per back end', async () => {
    expect((await refusal('C'))?.status).toBe(502);
    expect((await refusal('C'))?.status).toBe(503);
    expect(await refusal('A')).toBeUndefined();
  });

  it.each([401, 403, 404, 429])('does not take a back end that refuses for one that is away: %d', async (status) => {
    backEnd.plan = { refuse: `HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n` };
    expect((await refusal('A'))?.status).toBe(status);
    expect((await refusal('A'))?.status).toBe(status);
    expect(backEnd.visits).toHaveLength(2);
  });
});
