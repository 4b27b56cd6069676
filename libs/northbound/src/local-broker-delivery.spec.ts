import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { STALE, systemClock, type Clock } from '@smx-edge/model';
import { pause, SITE, startBench, until, type Bench } from '../test-support/fixture.js';
import { RawClient } from '../test-support/raw-client.js';

let bench: Bench;
const open: RawClient[] = [];

beforeEach(async () => {
  bench = await startBench();
});

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await bench.close();
});

async function login(name: string, token: string): Promise<RawClient> {
  const client = await RawClient.login(bench.port, { name, token });
  open.push(client);
  return client;
}

interface Now {
  t: number;
  v: Record<string, unknown>;
  q?: Record<string, string>;
}

interface Cat {
  v: number;
  hash: string;
  points: { id: number; path: string; write?: unknown }[];
  devices: { name: string; online: boolean }[];
  profiles: unknown[];
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names what the JSON is
function last<T>(client: RawClient, topic: string): T | undefined {
  const message = client.on(topic).at(-1);
  return message === undefined || message.payload === '' ? undefined : (JSON.parse(message.payload) as T);
}

describe('the tree of a party', () => {
  const base = `smx/1/${SITE}/esco`;

  it('gives a new subscriber state, cat and now at once, retained, in this order and with the QoS of the contract', async () => {
    const token = await bench.party('esco', { read: ['pcc/#'], command: ['pcc/limit'] });
    const power = bench.gate.declare('pcc/power/active', { obis: '1-0:16.7.0' });
    bench.gate.declare('pcc/limit', { kind: 'setpoint', setpoint: { min: 0, max: 9000 } });
    bench.gate.declare('battery/soc', { unit: '%' });
    bench.gate.set(power, -1234.5, STALE);
    const client = await login('esco', token);
    for (const filter of [`${base}/#`, '#', `smx/1/+/esco/#`, '+/1/+/+/+']) {
      const before = client.published.length;
      expect(await client.subscribe([filter, 1])).toEqual([1]);
      await until(() => client.published.length === before + 3, `three messages for ${filter}`);
      expect(client.published.slice(before).map(({ topic, qos, retain }) => [topic, qos, retain])).toEqual([
        [`${base}/state`, 1, true],
        [`${base}/cat`, 1, true],
        [`${base}/now`, 0, true],
      ]);
    }
    const state = last<Record<string, unknown>>(client, `${base}/state`);
    const cat = last<Cat>(client, `${base}/cat`);
    expect(state).toEqual({
      s: 'online',
      since: expect.any(Number),
      boot: expect.any(Number),
      epoch: 7,
      head: {},
      cat: cat?.hash,
      clock: 'ok',
      version: '0.0.0-test',
      ledger: 'abcd',
    });
    expect(cat).toEqual({
      v: 1,
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      points: [
        {
          id: 0,
          path: 'pcc/power/active',
          unit: 'W',
          type: 'number',
          kind: 'measurement',
          obis: '1-0:16.7.0',
          every: 0,
          as: 'last',
        },
        {
          ...{ id: 1, path: 'pcc/limit', unit: 'W', type: 'number', kind: 'setpoint', every: 0, as: 'last' },
          write: { min: 0, max: 5000, lease: 900_000 },
        },
      ],
      devices: [{ name: 'pcc', instance: 'fixture', kind: 'meter', online: true, since: 1 }],
      profiles: [],
    });
    expect(last<Now>(client, `${base}/now`)).toEqual({
      t: expect.any(Number),
      v: { 'pcc/power/active': -1234.5, 'pcc/limit': null },
      q: { 'pcc/power/active': 'stale', 'pcc/limit': 'bad' },
    });
  });

  it('uses the alias of a party instead of the site, and then only that', async () => {
    const token = await bench.party('esco', { read: ['#'] }, { alias: 'k3f9' });
    bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    expect(await client.subscribe([`${base}/#`, 1], ['smx/1/k3f9/esco/#', 1])).toEqual([0x80, 1]);
    await until(() => client.published.length === 3, 'the tree');
    expect(client.published.every(({ topic }) => topic.startsWith('smx/1/k3f9/esco/'))).toBe(true);
    expect(client.published.some(({ payload }) => payload.includes(SITE))).toBe(false);
  });

  it('gives QoS 0 to who asks for QoS 0, and one message where filters overlap', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe(['#', 0], [`${base}/now`, 0]);
    await until(() => client.published.length === 3, 'the tree');
    expect(client.published.map(({ qos }) => qos)).toEqual([0, 0, 0]);
    bench.gate.set(power, 3);
    await until(() => client.published.length === 4, 'a change');
    await client.ping();
    expect(client.published).toHaveLength(4);
    expect(client.published[3]).toMatchObject({ topic: `${base}/now`, retain: false });
  });

  it('sends a change at once, coalesces what comes together, and stops after UNSUBSCRIBE', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const handles = Array.from({ length: 10 }, (_, i) => bench.gate.declare(`pcc/p${i}`));
    const client = await login('esco', token);
    await client.subscribe([`${base}/now`, 0]);
    await until(() => client.published.length === 1, 'now');
    for (const [i, handle] of handles.entries()) bench.gate.set(handle, i);
    await until(() => client.published.length === 2, 'one message for ten changes');
    await client.ping();
    expect(client.published).toHaveLength(2);
    expect(last<Now>(client, `${base}/now`)?.v).toEqual(Object.fromEntries(handles.map((_, i) => [`pcc/p${i}`, i])));
    client.send(Buffer.from([0xa2, 2 + 2 + base.length + 4, 0, 9, 0, base.length + 4, ...Buffer.from(`${base}/now`)]));
    await client.ping();
    bench.gate.set(handles[0]!, 77);
    await client.ping();
    expect(client.published).toHaveLength(2);
  });

  it('publishes a new catalogue before the first now that needs it', async () => {
    const token = await bench.party('esco', { read: ['pcc/#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe(['#', 1]);
    await until(() => client.published.length === 3, 'the tree');
    const before = last<Cat>(client, `${base}/cat`);
    bench.gate.set(power, 1);
    const added = bench.gate.declare('pcc/voltage/l1');
    bench.gate.set(added, 230);
    await until(() => last<Now>(client, `${base}/now`)?.v['pcc/voltage/l1'] === 230, 'the new point');
    const topics = client.published.slice(3).map(({ topic }) => topic.split('/').at(-1));
    expect(topics).toEqual(['state', 'cat', 'now']);
    const after = last<Cat>(client, `${base}/cat`);
    expect(after?.hash).not.toBe(before?.hash);
    expect(last<{ cat: string }>(client, `${base}/state`)?.cat).toBe(after?.hash);
  });

  it('tells that a device went off line without calling it a new catalogue', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe([`${base}/cat`, 1]);
    await until(() => client.published.length === 1, 'cat');
    const first = last<Cat>(client, `${base}/cat`);
    bench.deviceChanged({ name: 'pcc', instance: 'fixture', kind: 'meter', online: false, since: 2 });
    await until(() => client.published.length === 2, 'a second cat');
    const second = last<Cat>(client, `${base}/cat`);
    expect(second?.devices[0]?.online).toBe(false);
    expect(second?.hash).toBe(first?.hash);
  });

  it('takes points away the moment a grant ends, and empties now where none is left', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const secret = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe(['#', 1]);
    await until(() => client.published.length === 3, 'the tree');
    bench.gate.grant('esco', {});
    bench.gate.set(secret, 4711);
    await until(() => client.on(`${base}/now`).at(-1)?.payload === '', 'now emptied');
    expect(last<Cat>(client, `${base}/cat`)?.points).toEqual([]);
    await client.ping();
    expect(client.published.some(({ payload }) => payload.includes('4711'))).toBe(false);
    const late = await login('esco', token);
    await late.subscribe(['#', 1]);
    await late.ping();
    expect(late.published.map(({ topic }) => topic)).toEqual([`${base}/state`, `${base}/cat`]);
  });

  it('serves no stale now: who comes after everybody left gets the value of this moment', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    bench.gate.set(power, 1);
    const first = await login('esco', token);
    await first.subscribe(['#', 1]);
    await until(() => first.published.length === 3, 'the tree');
    first.close();
    await until(() => bench.broker.status().clients === 0, 'nobody is there');
    bench.gate.set(power, 2);
    const second = await login('esco', token);
    await second.subscribe([`${base}/now`, 0]);
    await until(() => second.published.length === 1, 'now');
    expect(last<Now>(second, `${base}/now`)?.v['pcc/power/active']).toBe(2);
  });

  it('writes logins and disclosures into the ledger, summed', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    bench.gate.declare('pcc/power/active');
    for (let i = 0; i < 3; i++) {
      const client = await login('esco', token);
      await client.subscribe([`${base}/now`, 0]);
      await until(() => client.published.length === 1, 'now');
      client.close();
    }
    await until(() => bench.ledger.filter(({ kind }) => kind === 'disclosure').length === 3, 'disclosures');
    expect(bench.ledger.find(({ kind }) => kind === 'disclosure')).toMatchObject({
      principal: 'esco',
      data: { via: 'mqtt', now: 1, points: 1, cat: expect.any(String) },
    });
    await bench.broker.stop();
    expect(bench.ledger.filter(({ kind }) => kind === 'login').map(({ data }) => data['count'])).toEqual([1, 2]);
  });
});

describe('the rate of now', () => {
  it('is at most 20 in any second at the socket, however fast values change', async () => {
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    const begin = performance.now();
    await client.subscribe([`smx/1/${SITE}/esco/now`, 0]);
    let value = 0;
    // more than two seconds' worth
    while (client.published.length <= 40) {
      bench.gate.set(power, ++value);
      await pause(2);
    }
    await until(() => last<Now>(client, `smx/1/${SITE}/esco/now`)?.v['pcc/power/active'] === value, 'the last value');
    // lateness of this process can only make the time longer
    const windows = Math.floor((performance.now() - begin) / 1000) + 1;
    expect(client.published.length).toBeLessThanOrEqual(20 * windows);
  });

  it('sends first changes without waiting on any timer', async () => {
    // a clock whose timers never fire: what goes out goes without one
    const clock: Clock = {
      now: systemClock.now,
      monotonic: systemClock.monotonic,
      after: () => ({ dispose: () => undefined }),
    };
    await bench.close();
    bench = await startBench({ clock });
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const client = await login('esco', token);
    await client.subscribe([`smx/1/${SITE}/esco/now`, 0]);
    for (let i = 1; i < 20; i++) {
      bench.gate.set(power, i);
      await until(() => last<Now>(client, `smx/1/${SITE}/esco/now`)?.v['pcc/power/active'] === i, `change ${i}`);
    }
  });
});

describe('separation', () => {
  it('lets each of 10 parties receive its own points and nothing else, whatever it subscribes to', async () => {
    const parties = Array.from({ length: 10 }, (_, i) => `party-${i}`);
    const points = Array.from({ length: 40 }, (_, i) => `dev${i % 5}/value/p${i}`);
    const grants = parties.map((_, i) => points.filter((_, k) => (k * 7 + i * 3) % (i + 2) === 0));
    const tokens: string[] = [];
    for (const [i, name] of parties.entries()) tokens.push(await bench.party(name, { read: grants[i]! }));
    const handles = points.map((path) => bench.gate.declare(path));
    const clients = await Promise.all(parties.map((name, i) => login(name, tokens[i]!)));
    for (const [i, client] of clients.entries()) {
      const others = parties.filter((_, k) => k !== i);
      expect(await client.subscribe(...others.map((name) => [`smx/1/${SITE}/${name}/#`, 1] as const))).toEqual(
        others.map(() => 0x80),
      );
      expect(
        await client.subscribe([`smx/1/+/${others[0]!}/now`, 1], ['$SYS/#', 0], [`smx/1/${SITE}/party-/#`, 0]),
      ).toEqual([0x80, 0x80, 0x80]);
      expect(await client.subscribe(['#', 1], ['+/+/+/+/now', 0])).toEqual([1, 0]);
    }
    for (let round = 0; round < 5; round++) {
      for (const [k, handle] of handles.entries()) bench.gate.set(handle, 1000 * round + k);
      await Promise.all(
        clients.map((client, i) => client.publish(`smx/1/${SITE}/${parties[i]!}/hb`, '{}', { qos: 1 })),
      );
      await pause(5);
    }
    for (const [i, client] of clients.entries()) {
      const base = `smx/1/${SITE}/${parties[i]!}`;
      await until(
        () => Object.values(last<Now>(client, `${base}/now`)?.v ?? {}).every((v) => Number(v) >= 4000),
        'the last round',
      );
      for (const { topic } of client.published) expect(topic.startsWith(`${base}/`)).toBe(true);
      for (const { payload } of client.on(`${base}/now`))
        expect(Object.keys((JSON.parse(payload) as Now).v).sort()).toEqual([...grants[i]!].sort());
      expect(
        last<Cat>(client, `${base}/cat`)
          ?.points.map(({ path }) => path)
          .sort(),
      ).toEqual([...grants[i]!].sort());
      const all = client.published.map(({ payload }) => payload).join('\n');
      for (const path of points) expect(all.includes(`"${path}"`)).toBe(grants[i]!.includes(path));
    }
  });
});

describe('TLS', () => {
  it('serves mqtts and counts its connections down again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smx-tls-'));
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'].concat([
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ]),
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    rmSync(folder, { recursive: true });
    await bench.close();
    bench = await startBench({ tls: () => tls });
    const token = await bench.party('esco', { read: ['#'] });
    const power = bench.gate.declare('pcc/power/active');
    const plain = await RawClient.open(bench.port);
    expect(await plain.connect({ name: 'esco', token })).toBe(-1);
    const client = await connectAsync(`mqtts://127.0.0.1:${bench.port}`, {
      ca: tls.cert,
      username: 'esco',
      password: token,
    });
    const got: string[] = [];
    client.on('message', (topic) => got.push(topic.split('/').at(-1)!));
    await client.subscribeAsync('#', { qos: 1 });
    await until(() => got.length === 3, 'the tree');
    bench.gate.set(power, 1);
    await until(() => got.length === 4, 'a change');
    expect(got).toEqual(['state', 'cat', 'now', 'now']);
    await client.endAsync();
    await until(() => bench.broker.status().connections === 0, 'no connection left');
    await until(() => bench.broker.status().clients === 0, 'no client left');
  });

  it('says SMX_BROKER_ADDRESS where key and certificate are of no use', async () => {
    await expect(startBench({ tls: () => ({ key: 'no key', cert: 'no certificate' }) })).rejects.toMatchObject({
      code: 'SMX_BROKER_ADDRESS',
    });
  });
});
