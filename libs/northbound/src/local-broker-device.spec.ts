import { SITE, startBench, until, type Bench } from '../test-support/fixture.js';
import { RawClient, type ConnectOptions } from '../test-support/raw-client.js';

let bench: Bench;
const open: RawClient[] = [];

beforeEach(async () => {
  bench = await startBench();
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await bench.close();
});

async function login(name: string, token: string, more: ConnectOptions = {}): Promise<RawClient> {
  const client = await RawClient.login(bench.port, { name, token, ...more });
  open.push(client);
  return client;
}

/** Everything that devices got through, as the house heard it. */
function ear(): string[] {
  const heard: string[] = [];
  bench.broker.onDeviceMessage(({ topic, payload }) => heard.push(`${topic} ${payload.toString()}`));
  return heard;
}

describe('a device outside its filters', () => {
  const OUTSIDE = ['er/other/P', 'er', 'er2/P', 'ER/1/P', '/er/1/P', 'er/1', 'smx', `smx/1/${SITE}/esco/now`, '$SYS/x'];

  it('publishes nowhere, retained or not, and stays connected', async () => {
    const heard = ear();
    const er = await login('er', await bench.party('er', { publish: ['er/1/+'] }));
    const watcher = await login('esco', await bench.party('esco', { subscribe: ['#'] }));
    await watcher.subscribe(['#', 1]);
    await watcher.ping();
    const before = watcher.published.length;
    for (const topic of OUTSIDE)
      for (const retain of [false, true]) await er.publish(topic, 'forged', { qos: 1, retain });
    await er.publish('er/1/P', 'true', { qos: 1 });
    await until(() => watcher.published.length > before, 'the granted message');
    expect(watcher.published.slice(before).map(({ topic }) => topic)).toEqual(['er/1/P']);
    expect(heard).toEqual(['er/1/P true']);
    expect(bench.broker.status().denied).toBe(2 * OUTSIDE.length);
    // nothing of it was kept for who comes later
    const late = await login('late', await bench.party('late', { subscribe: ['#'] }));
    await late.subscribe(['#', 1]);
    await late.ping();
    expect(late.published.filter(({ payload }) => payload === 'forged')).toEqual([]);
  });

  it('leaves no will: only one on a granted topic is published', async () => {
    const heard = ear();
    const token = await bench.party('er', { publish: ['er/1/+'] });
    const wills = [...OUTSIDE, 'er/1/LWT'];
    for (const [i, topic] of wills.entries()) {
      const client = await login('er', token, { clientId: `er-${i}`, will: { topic, payload: 'lost', retain: true } });
      client.close();
    }
    await until(() => bench.broker.status().clients === 0 && heard.length > 0, 'the wills');
    expect(heard).toEqual(['er/1/LWT lost']);
    await until(() => bench.broker.status().denied === OUTSIDE.length, 'the denials');
    const late = await login('late', await bench.party('late', { subscribe: ['#'] }));
    await late.subscribe(['#', 1]);
    await late.ping();
    expect(late.published.filter(({ payload }) => payload === 'lost')).toEqual([
      { topic: 'er/1/LWT', payload: 'lost', qos: 1, retain: true },
    ]);
  });

  it('hears nothing, whatever wildcards it tries', async () => {
    const er = await login('er', await bench.party('er', { subscribe: ['set/1/+'] }));
    const asked = ['set/#', 'set/+/P', 'set/1', '+/1/P', 'smx/1/+/esco/#', '$SYS/#', 'set/1/P'];
    const answers = await er.subscribe(...asked.map((filter): [string, number] => [filter, 1]));
    expect(answers).toEqual([...asked.slice(1).map(() => 0x80), 1]);
    const writer = await login('agent', await bench.party('agent', { publish: ['#'] }));
    for (const topic of ['set/2/P', 'set/1/P/x', 'set/1', 'er/1/P', 'set/1/P'])
      await writer.publish(topic, topic, { qos: 1, retain: true });
    await until(() => er.published.length > 0, 'the granted message');
    await er.ping();
    expect(er.published.map(({ topic }) => topic)).toEqual(['set/1/P']);
  });

  it("stays out of other parties' trees even with `#` in its role", async () => {
    const heard = ear();
    const er = await login('er', await bench.party('er', { publish: ['#'], subscribe: ['#'] }));
    const esco = await login('esco', await bench.party('esco', {}));
    await esco.subscribe([`smx/1/${SITE}/esco/#`, 1]);
    await esco.ping();
    const before = esco.published.length;
    expect(await er.subscribe([`smx/1/${SITE}/esco/#`, 1], ['smx/1/+/esco/now', 1], ['$SYS/#', 1], ['#', 1])).toEqual([
      0x80, 0x80, 0x80, 1,
    ]);
    for (const rest of ['now', 'cmd', 'state', 'rsp'])
      await er.publish(`smx/1/${SITE}/esco/${rest}`, 'forged', { qos: 1, retain: true });
    await esco.publish(`smx/1/${SITE}/esco/hb`, '{}', { qos: 1 });
    await er.ping();
    await esco.ping();
    expect(esco.published.slice(before).map(({ topic }) => topic)).toEqual([`smx/1/${SITE}/esco/hb`]);
    expect(er.published.filter(({ topic }) => topic.includes('/esco/'))).toEqual([]);
    expect(heard).toEqual([]);
  });
});
