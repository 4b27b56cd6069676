import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { VirtualClock } from '@smx-edge/model';
import { SITE, startBench, until, type Bench } from '../test-support/fixture.js';
import { connectFrame, frame, publishFrame, RawClient, subscribeFrame } from '../test-support/raw-client.js';

let bench: Bench;
const open: RawClient[] = [];

async function begin(limits: NonNullable<Parameters<typeof startBench>[0]>['limits'] = {}): Promise<void> {
  bench = await startBench({ limits });
}

afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await bench.close();
});

async function raw(): Promise<RawClient> {
  const client = await RawClient.open(bench.port);
  open.push(client);
  return client;
}

async function login(name: string, token: string): Promise<RawClient> {
  const client = await RawClient.login(bench.port, { name, token });
  open.push(client);
  return client;
}

describe('bytes that are not MQTT', () => {
  it('end their connection at most, before and after login', async () => {
    await begin({ connectTimeout: 500 });
    const token = await bench.party('esco', { read: ['#'] });
    const witness = await login('esco', token);
    const kinds = fc.constantFrom(
      0x10,
      0x30,
      0x32,
      0x34,
      0x40,
      0x50,
      0x62,
      0x82,
      0xa2,
      0xc0,
      0xe0,
      0xf0,
      0x00,
      0x20,
      0x90,
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(Buffer.from),
      fc.tuple(kinds, fc.uint8Array({ maxLength: 60 })).map(([kind, body]) => frame(kind, Buffer.from(body))),
      fc
        .tuple(fc.string({ maxLength: 12, unit: 'binary' }), fc.integer({ min: 0, max: 255 }))
        .map(([topic, qos]) => subscribeFrame(1, [[topic, qos]])),
      fc.string({ maxLength: 12, unit: 'binary' }).map((topic) => publishFrame(topic, 'x', { qos: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(bytes, { minLength: 1, maxLength: 6 }), async (loggedIn, messages) => {
        const client = await RawClient.open(bench.port);
        if (loggedIn) client.send(connectFrame({ name: 'esco', token }));
        for (const message of messages) client.send(message);
        await witness.ping();
        client.close();
      }),
      { numRuns: 300 },
    );
    await witness.ping();
    await until(() => bench.broker.status().connections === 1, 'all other connections gone');
    expect(bench.broker.status().clients).toBe(1);
  });

  it('that never become a CONNECT are cut off in time', async () => {
    await begin({ connectTimeout: 150 });
    const silent = await raw();
    const slow = await raw();
    slow.send(Buffer.from([0x10, 40, 0, 4]));
    await until(() => silent.closed && slow.closed, 'both closed');
  });

  it('a larger packet than allowed ends its sender before it is kept', async () => {
    await begin({ packet: 1000 });
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    await client.publish(`smx/1/${SITE}/esco/hb`, 'x'.repeat(900), { qos: 1 });
    client.send(publishFrame(`smx/1/${SITE}/esco/hb`, 'x'.repeat(2000)).subarray(0, 10));
    await until(() => client.closed, 'the sender ended');
  });

  it('a larger payload than a down topic takes is dropped, not its sender', async () => {
    await begin({ down: 100 });
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const base = `smx/1/${SITE}/esco`;
    await client.subscribe([`${base}/rsp`, 1], [`${base}/cmd`, 1]);
    await client.publish(`${base}/cmd`, `{"id":"${'x'.repeat(120)}"}`, { qos: 1 });
    await client.ping();
    expect(client.published).toEqual([]);
    expect(bench.broker.status().dropped).toBe(1);
  });
});

describe('too much', () => {
  it('of connections that never log in pushes out the oldest of them, not who has logged in or wants to', async () => {
    await begin({ waiting: 10 });
    const token = await bench.party('esco', {});
    const inside = await login('esco', token);
    const flood: RawClient[] = [];
    for (let i = 0; i < 60; i++) flood.push(await raw());
    const late = await login('esco', token);
    await inside.ping();
    await late.ping();
    await until(() => flood.filter(({ closed }) => closed).length >= 50, '50 of the flood closed');
    expect(bench.broker.status().connections).toBeLessThanOrEqual(13);
  });

  it('of subscriptions is refused by SUBACK', async () => {
    await begin({ subscriptions: 5 });
    const token = await bench.party('esco', {});
    const client = await login('esco', token);
    const filters = Array.from({ length: 8 }, (_, i) => [`smx/1/${SITE}/esco/t/s${i}`, 1] as const);
    expect(await client.subscribe(...filters)).toEqual([1, 1, 1, 1, 1, 0x80, 0x80, 0x80]);
    expect(await client.subscribe(filters[0]!, filters[7]!)).toEqual([1, 0x80]);
  });

  it('of packets from one client waits in TCP until its rate allows it, others are served meanwhile', async () => {
    const clock = new VirtualClock();
    bench = await startBench({ clock, limits: { packetRate: 1000, packetBurst: 100 } });
    const esco = await bench.party('esco', {});
    const dso = await bench.party('dso', {});
    let heard = 0;
    bench.broker.onDown('hb', () => {
      heard++;
    });
    const flooder = await login('esco', esco);
    const other = await login('dso', dso);
    const one = publishFrame(`smx/1/${SITE}/esco/hb`, '{}');
    flooder.send(Buffer.concat(Array.from({ length: 12_000 }, () => one)));
    await until(() => heard > 0, 'the first of the flood');
    for (let i = 0; i < 50; i++) await other.ping();
    // what was read at once is a socket buffer or two; time stands still, so the rest stays where it is
    expect(heard).toBeLessThan(8000);
    await until(() => {
      clock.advance(50);
      return heard === 12_000;
    }, 'the whole flood');
    expect(clock.monotonic()).toBeGreaterThan(3000);
  });
});

describe('a client that does not read', () => {
  /** Fills the client's socket until the broker holds back, with its side not reading. */
  async function stuck(token: string, filter: string): Promise<RawClient> {
    const client = await login('esco', token);
    await client.subscribe([filter, 1]);
    await until(() => client.published.length > 0, 'a first message');
    client.socket.pause();
    return client;
  }

  it('costs a bounded buffer and gets the newest now when it reads again, others are not held up', async () => {
    await begin();
    const topic = `smx/1/${SITE}/esco/now`;
    const token = await bench.party('esco', { read: ['#'] });
    const handles = Array.from({ length: 400 }, (_, i) =>
      bench.gate.declare(`dev/text/p${i}`, { type: 'string', unit: null }),
    );
    const filler = 'x'.repeat(2000);
    for (const handle of handles) bench.gate.set(handle, filler);
    // 800 kB per message: a few fill the socket buffers of the kernel
    const slow = await stuck(token, topic);
    const reader = await login('esco', token);
    await reader.subscribe([topic, 0]);
    await until(() => reader.on(topic).length > 0, 'a first now');
    for (let round = 0; round < 30; round++) {
      const before = reader.on(topic).length;
      bench.gate.set(handles[0]!, `round ${round}`);
      await until(() => reader.on(topic).length > before, 'the reader is served');
    }
    const sessions = [
      ...(
        bench.broker as unknown as { sessions: Map<unknown, { socket: { writableLength: number } }> }
      ).sessions.values(),
    ];
    const held = Math.max(...sessions.map(({ socket }) => socket.writableLength));
    expect(held).toBeGreaterThan(0);
    // one message, never a queue of them
    expect(held).toBeLessThan(1.1 * 800_000);
    slow.socket.resume();
    await until(() => slow.on(topic).at(-1)?.payload.includes('round 29') === true, 'the newest now');
    expect(slow.on(topic).length).toBeLessThan(20);
  });

  it('is dropped rather than kept waiting for ever', async () => {
    await begin({ drainTimeout: 300 });
    const token = await bench.party('esco', { read: ['#'] });
    const text = bench.gate.declare('dev/text', { type: 'string', unit: null });
    bench.gate.set(text, 'x'.repeat(3_000_000));
    await stuck(token, `smx/1/${SITE}/esco/#`);
    for (let i = 0; i < 10; i++) {
      bench.gate.set(text, `${i}`.repeat(3_000_000));
      await sleep(10);
    }
    await until(() => bench.broker.status().clients === 0, 'the client dropped');
  });

  it('loses QoS 0 messages of devices, is ended rather than miss a QoS 1, and holds the device up in neither case', async () => {
    await begin({ packetBurst: 100_000, backlog: 100_000 });
    const plug = await bench.party('plug', { publish: ['tele/#'] });
    const token = await bench.party('esco', { subscribe: ['tele/#'] });
    const slow = await login('esco', token);
    await slow.subscribe(['tele/#', 1]);
    slow.socket.pause();
    const device = await login('plug', plug);
    const big = Buffer.alloc(100_000, 1);
    await until(() => {
      device.send(publishFrame('tele/x', big));
      return bench.broker.status().dropped > 3;
    }, 'dropped messages');
    await device.ping();
    expect(bench.broker.status().clients).toBe(2);
    await device.publish('tele/x', big, { qos: 1 });
    await until(() => bench.broker.status().clients === 1, 'the slow client ended');
    await device.ping();
  });
});
