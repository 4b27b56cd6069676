import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { pause, SITE, startBench, until, type Bench } from '../test-support/fixture.js';
import { publishFrame, RawClient, subscribeFrame } from '../test-support/raw-client.js';

let bench: Bench;
const open: RawClient[] = [];

beforeEach(async () => {
  bench = await startBench();
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await bench.close();
});

async function login(
  name: string,
  token: string,
  more: { clientId?: string; will?: { topic: string; payload: string } } = {},
) {
  const client = await RawClient.login(bench.port, { name, token, ...more });
  open.push(client);
  return client;
}

async function connect(o: Parameters<RawClient['connect']>[0]): Promise<{ client: RawClient; code: number }> {
  const client = await RawClient.open(bench.port);
  open.push(client);
  return { client, code: await client.connect(o) };
}

describe('login', () => {
  it('takes a principal with its token and refuses all else with return code 4', async () => {
    const token = await bench.party('esco', {});
    const other = await bench.party('dso', {});
    expect((await connect({ name: 'esco', token })).code).toBe(0);
    const refused = await Promise.all([
      connect({ name: 'esco', token: `${token.slice(0, -1)}_` }),
      connect({ name: 'esco', token: other }),
      connect({ name: 'esco' }),
      connect({}),
      connect({ name: 'nobody-known', token: 'x' }),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([4, 4, 4, 4, 4]);
    await until(() => refused.every(({ client }) => client.closed), 'refused clients closed');
    expect(bench.broker.status()).toMatchObject({ clients: 1, loginFailures: 5 });
    // a name nobody has does not get into the ledger
    expect([...bench.gate.denials].sort()).toEqual(
      ['esco mqtt/login', 'esco mqtt/login', 'esco mqtt/login', 'unknown mqtt/login', 'unknown mqtt/login'].sort(),
    );
    expect(bench.ledger).toContainEqual(
      expect.objectContaining({ kind: 'login', principal: 'esco', data: { via: 'mqtt', count: 1 } }),
    );
  });

  it('refuses an expired and a revoked token', async () => {
    const expires = Date.now() + 1000;
    const short = await bench.party('short', {}, { expires });
    const gone = await bench.party('gone', {});
    await bench.principals.revoke('gone');
    await until(() => Date.now() > expires, 'the expiry');
    expect((await connect({ name: 'short', token: short })).code).toBe(4);
    expect((await connect({ name: 'gone', token: gone })).code).toBe(4);
  });

  it('refuses MQTT 5 with return code 1 and lives on', async () => {
    const token = await bench.party('esco', {});
    const client = await RawClient.open(bench.port);
    open.push(client);
    // CONNECT of MQTT 5 with an empty property list
    const bytes = Buffer.from([0x10, 13, 0, 4, 77, 81, 84, 84, 5, 2, 0, 60, 0, 0, 0]);
    client.send(bytes);
    await until(() => client.closed, 'the connection closed');
    expect(client.packets[0]).toMatchObject({ type: 2, body: Buffer.from([0, 1]) });
    expect((await connect({ name: 'esco', token })).code).toBe(0);
  });

  it('holds failed logins back without holding a good one up', async () => {
    const token = await bench.party('esco', {});
    const bad = await Promise.all(Array.from({ length: 6 }, () => RawClient.open(bench.port)));
    open.push(...bad);
    const codes = bad.map((client) => client.connect({ name: 'esco', token: 'wrong' }));
    await until(() => bench.broker.status().loginFailures === 6, 'six failures');
    expect((await connect({ name: 'esco', token })).code).toBe(0);
    // the good one was answered while the others wait
    expect(bad.some((client) => client.packets.length === 0)).toBe(true);
    bad.slice(1).forEach((client) => client.close());
    expect(await codes[0]).toBe(4);
    await Promise.allSettled(codes);
  });

  it('keeps two principals with the same client id apart, and lets one principal take over its own', async () => {
    const esco = await bench.party('esco', {});
    const dso = await bench.party('dso', {});
    const first = await login('esco', esco, { clientId: 'controller' });
    const second = await login('dso', dso, { clientId: 'controller' });
    await first.ping();
    const third = await login('esco', esco, { clientId: 'controller' });
    await until(() => first.closed, 'the first client closed');
    await second.ping();
    await third.ping();
    await until(() => bench.broker.status().clients === 2, 'two clients left');
  });

  it('ends clients at revocation, after emptying their topics', async () => {
    const esco = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', esco);
    const base = `smx/1/${SITE}/esco`;
    await client.subscribe(['#', 1]);
    await until(() => client.published.length === 3, 'state, cat and now');
    await bench.principals.revoke('esco');
    bench.gate.set(power, 1);
    await until(() => client.closed, 'the client ended');
    expect(client.published.slice(3).map(({ topic, payload }) => [topic, payload])).toEqual([
      [`${base}/state`, ''],
      [`${base}/cat`, ''],
      [`${base}/now`, ''],
    ]);
    await until(() => bench.broker.status().clients === 0, 'no client left');
  });

  it('ends a client when its token expires, without traffic', async () => {
    const token = await bench.party('short', {}, { expires: Date.now() + 2000 });
    const client = await login('short', token);
    await until(() => client.closed, 'the client ended');
  });

  it('limits clients per principal', async () => {
    await bench.close();
    bench = await startBench({ limits: { perPrincipal: 3 } });
    const esco = await bench.party('esco', {});
    const dso = await bench.party('dso', {});
    const clients = await Promise.all([1, 2, 3].map(() => login('esco', esco)));
    expect((await connect({ name: 'esco', token: esco })).code).toBe(3);
    expect((await connect({ name: 'dso', token: dso })).code).toBe(0);
    clients[0]!.close();
    await until(() => bench.broker.status().clients === 3, 'one client less');
    expect((await connect({ name: 'esco', token: esco })).code).toBe(0);
  });
});

describe('life', () => {
  it('says SMX_BROKER_ADDRESS where the port is taken, shows it, and can be started later', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    await bench.close();
    await expect(startBench({ port })).rejects.toMatchObject({ code: 'SMX_BROKER_ADDRESS' });
    await new Promise((resolve) => squatter.close(resolve));
    bench = await startBench({ port });
    expect(bench.broker.status().state).toBe('listening');
    await expect(startBench({ port })).rejects.toMatchObject({ code: 'SMX_BROKER_ADDRESS' });
  });

  it('says closing to every client, then serves again after a new start', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const client = await login('esco', token);
    const topic = `smx/1/${SITE}/esco/state`;
    await client.subscribe([topic, 1]);
    await until(() => client.on(topic).length === 1, 'state');
    await bench.broker.stop();
    await until(() => client.closed, 'the client closed');
    expect(client.on(topic).map(({ payload }) => (JSON.parse(payload) as { s: string }).s)).toEqual([
      'online',
      'closing',
    ]);
    expect(bench.broker.status()).toMatchObject({ state: 'stopped', clients: 0, connections: 0 });
    await bench.broker.start();
    const again = await RawClient.login(bench.broker.address.port, { name: 'esco', token });
    open.push(again);
    await again.subscribe([topic, 1]);
    await until(() => again.on(topic).length === 1, 'state again');
    expect(again.on(topic)[0]?.payload).toContain('"online"');
  });

  it('sends nothing between a stop and the end', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe(['#', 0]);
    const stopping = bench.broker.stop();
    bench.gate.set(power, 5);
    await stopping;
    await until(() => client.closed, 'the client closed');
    expect(client.published.at(-1)?.topic).toBe(`smx/1/${SITE}/esco/state`);
  });

  it('forces clean sessions: what was missed is not kept', async () => {
    const token = await bench.party('esco', {});
    const options = { clientId: 'c', clean: false, username: 'esco', password: token, reconnectPeriod: 0 };
    const first = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, options);
    await first.subscribeAsync('#', { qos: 1 });
    await first.endAsync();
    const second = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, options);
    const got: string[] = [];
    second.on('message', (topic) => got.push(topic));
    await second.publishAsync(`smx/1/${SITE}/esco/hb`, '{}', { qos: 1 });
    await pause(30);
    expect(got).toEqual([]);
    await second.endAsync();
  });
});

describe('publishing', () => {
  it('answers what has no handler yet, and says why it refuses', async () => {
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const base = `smx/1/${SITE}/esco`;
    await client.subscribe([`${base}/rsp`, 1], [`${base}/res`, 1]);
    await client.publish(`${base}/cmd`, '{"id":"c1","point":"battery/power/setpoint","value":5}', { qos: 1 });
    await client.publish(`${base}/schedule`, '{"id":"s1"}', { qos: 1 });
    await client.publish(`${base}/req`, '{"id":"r1","get":"cat"}', { qos: 0 });
    await client.publish(`${base}/cmd`, 'nonsense', { qos: 1 });
    await client.publish(`${base}/hb`, 'anything', { qos: 0 });
    await client.publish(`${base}/ack/inst`, '{"e":1,"s":[[1,2]]}', { qos: 1 });
    await until(() => client.published.length === 4, 'four answers');
    const said = (topic: string): unknown[] => client.on(topic).map(({ payload }) => JSON.parse(payload) as unknown);
    expect(said(`${base}/rsp`)).toEqual([
      expect.objectContaining({ id: 'c1', state: 'refused', code: 'SMX_NOT_AVAILABLE' }),
      expect.objectContaining({ id: 's1', state: 'refused', code: 'SMX_NOT_AVAILABLE' }),
      expect.objectContaining({
        id: null,
        state: 'refused',
        code: 'SMX_MESSAGE_MALFORMED',
        reason: expect.any(String),
      }),
    ]);
    expect(said(`${base}/res`)).toEqual([
      expect.objectContaining({ id: 'r1', state: 'refused', code: 'SMX_NOT_AVAILABLE', last: true }),
    ]);
  });

  it('answers a client that asks without waiting for its SUBACK', async () => {
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const base = `smx/1/${SITE}/esco`;
    client.send(Buffer.concat([subscribeFrame(9, [[`${base}/rsp`, 1]]), publishFrame(`${base}/cmd`, '{"id":"c1"}')]));
    await until(() => client.on(`${base}/rsp`).length === 1, 'the answer');
    expect(JSON.parse(client.on(`${base}/rsp`)[0]!.payload)).toMatchObject({ id: 'c1', state: 'refused' });
  });

  it('hands down messages to their handler and its answers back', async () => {
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const base = `smx/1/${SITE}/esco`;
    bench.broker.onDown('cmd', (message) =>
      message.answer({ id: message.id, state: 'received', by: message.principal }),
    );
    const acks: unknown[] = [];
    bench.broker.onDown('ack', ({ stream, body }) => acks.push([stream, body]));
    bench.broker.onDown('req', () => {
      throw new Error('a fault');
    });
    await client.subscribe([`${base}/#`, 1]);
    await client.publish(`${base}/cmd`, '{"id":"c1"}', { qos: 1 });
    await client.publish(`${base}/ack/inst`, '{"e":1}', { qos: 1 });
    await client.publish(`${base}/req`, '{"id":"r"}', { qos: 1 });
    await until(() => client.on(`${base}/rsp`).length === 1 && client.on(`${base}/res`).length === 1, 'answers');
    expect(JSON.parse(client.on(`${base}/rsp`)[0]!.payload)).toEqual({ id: 'c1', state: 'received', by: 'esco' });
    expect(JSON.parse(client.on(`${base}/res`)[0]!.payload)).toMatchObject({ id: 'r', code: 'SMX_INTERNAL' });
    expect(acks).toEqual([['inst', { e: 1 }]]);
  });

  it('refuses requests past the rate of a party', async () => {
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const base = `smx/1/${SITE}/esco`;
    await client.subscribe([`${base}/rsp`, 1]);
    for (let i = 0; i < 15; i++) await client.publish(`${base}/cmd`, `{"id":"c${i}"}`);
    await until(() => client.published.length === 15, '15 answers');
    const codes = client.published.map(({ payload }) => (JSON.parse(payload) as { code: string }).code);
    expect(codes.filter((code) => code === 'SMX_NOT_AVAILABLE').length).toBeGreaterThanOrEqual(10);
    expect(codes.at(-1)).toBe('SMX_HTTP_RATE');
  });

  it('drops an ungranted publish without ending the client, acknowledged, counted and for nobody', async () => {
    const esco = await bench.party('esco', { subscribe: ['#'], publish: ['tele/#'] });
    const dso = await bench.party('dso', {});
    const watcher = await login('esco', esco);
    await watcher.subscribe(['#', 1]);
    await until(() => watcher.published.length === 2, 'state and cat');
    const client = await login('dso', dso);
    for (const topic of [
      'tele/plug/STATE',
      `smx/1/${SITE}/esco/cmd`,
      `smx/1/${SITE}/esco/now`,
      `smx/1/${SITE}/dso/now`,
      `smx/1/${SITE}/dso/state`,
      '$SYS/x',
      'smx/1',
    ])
      await client.publish(topic, '{"id":"x"}', { qos: 1, retain: true });
    await client.publish('tele/plug/STATE', 'qos 0');
    await client.ping();
    await watcher.publish(`smx/1/${SITE}/dso/now`, 'spoof', { qos: 1 });
    await watcher.ping();
    expect(watcher.published).toHaveLength(2);
    expect(bench.broker.status().denied).toBe(9);
    expect(bench.gate.denials).toContain('dso mqtt/publish');
    const late = await login('dso', dso);
    await late.subscribe([`smx/1/${SITE}/dso/#`, 1]);
    await late.ping();
    expect(late.published.map(({ topic }) => topic.split('/').at(-1))).toEqual(['state', 'cat']);
  });

  it('does not keep a retained command', async () => {
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const topic = `smx/1/${SITE}/esco/cmd`;
    await client.publish(topic, '{"id":"c1"}', { qos: 1, retain: true });
    await client.subscribe([topic, 1]);
    await client.ping();
    expect(client.published).toEqual([]);
  });

  it('completes a QoS 2 handshake but carries nothing, and grants QoS 2 subscriptions as 1', async () => {
    const token = await bench.party('esco', { read: ['#'], publish: ['a/b'], subscribe: ['a/b'] });
    const client = await login('esco', token);
    expect(await client.subscribe(['a/b', 2], [`smx/1/${SITE}/esco/now`, 2], ['#', 1], ['a/+', 0])).toEqual([
      1, 1, 1, 0x80,
    ]);
    await client.publish('a/b', 'twice', { qos: 2 });
    await client.publish('a/b', 'once', { qos: 1 });
    await until(() => client.on('a/b').length > 0, 'the QoS 1 message');
    await client.ping();
    expect(client.on('a/b').map(({ payload }) => payload)).toEqual(['once']);
    expect(bench.broker.status().dropped).toBe(1);
    const full = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, { username: 'esco', password: token });
    for (let i = 0; i < 50; i++) await full.publishAsync('a/b', 'x', { qos: 2 });
    await full.endAsync();
  });

  it('lets a will reach only the own down topics', async () => {
    const token = await bench.party('esco', {});
    const dso = await bench.party('dso', {});
    const heard: string[] = [];
    bench.broker.onDown('hb', ({ principal }) => heard.push(principal));
    const spoof = await login('esco', token, { will: { topic: `smx/1/${SITE}/dso/hb`, payload: '{}' } });
    const bad = await login('esco', token, { will: { topic: '#/+/x'.repeat(60), payload: '{}' } });
    const watcher = await login('dso', dso);
    await watcher.subscribe(['#', 1]);
    spoof.close();
    bad.close();
    await until(() => bench.broker.status().denied === 2, 'two denied wills');
    const good = await login('dso', dso, { will: { topic: `smx/1/${SITE}/dso/hb`, payload: '{}' } });
    good.close();
    await until(() => heard.length === 1, 'the own will');
    expect(heard).toEqual(['dso']);
  });
});

describe('devices that speak MQTT', () => {
  it('carries what their roles grant, to clients and to the house, and keeps retained messages while they are valid', async () => {
    const plug = await bench.party('plug', { publish: ['tele/plug/#'], subscribe: ['cmnd/plug/#'] });
    const agent = await bench.party('agent', { publish: ['cmnd/#'], subscribe: ['tele/#'] });
    const heard: string[] = [];
    bench.broker.onDeviceMessage(({ principal, topic, payload, retain }) => {
      heard.push(`${principal} ${topic} ${payload.toString()} ${retain}`);
    });
    const device = await login('plug', plug);
    expect(await device.subscribe(['cmnd/plug/POWER', 1], ['tele/other', 1], ['cmnd/#', 1])).toEqual([1, 0x80, 0x80]);
    await device.publish('tele/plug/LWT', 'Online', { qos: 1, retain: true });
    const controller = await login('agent', agent);
    await controller.subscribe(['tele/+/LWT', 1]);
    await until(() => controller.published.length === 1, 'the retained message');
    expect(controller.published[0]).toEqual({ topic: 'tele/plug/LWT', payload: 'Online', qos: 1, retain: true });
    await controller.publish('cmnd/plug/POWER', 'ON', { qos: 1 });
    await until(() => device.published.length === 1, 'the command');
    expect(device.published[0]).toEqual({ topic: 'cmnd/plug/POWER', payload: 'ON', qos: 1, retain: false });
    expect(heard).toEqual(['plug tele/plug/LWT Online true', 'agent cmnd/plug/POWER ON false']);
    await bench.principals.revoke('plug');
    await until(() => controller.published.length === 2, 'the topic emptied');
    expect(controller.published[1]).toMatchObject({ topic: 'tele/plug/LWT', payload: '' });
    const late = await login('agent', agent);
    await late.subscribe(['tele/#', 1]);
    await late.ping();
    expect(late.published).toEqual([]);
  });
});
