import { createServer } from 'node:net';
import { systemClock, type SmxError } from '@smx-edge/model';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { LineHarness, until } from '../../libs/extension-api/test-support/line-harness.js';
import { openMqtt } from '@smx-edge/extension-api/mqtt';
import type { MqttLink, MqttMessage } from '@smx-edge/extension-api';

let harness: LineHarness;
let broker: Mosquitto;

const open = (source: string, more: { user?: string; password?: string; random?: () => number } = {}): MqttLink =>
  harness.own(
    openMqtt(source, {
      log: harness.log,
      clock: systemClock,
      random: () => 0,
      onState: (state) => void harness.states.push(state),
      ...more,
    }),
  );
const url = (login = ''): string => `mqtt://${login}127.0.0.1:${broker.port}`;
const isOk = (link: MqttLink) => (): boolean => link.state.status === 'ok';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);

function thrown(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as SmxError).code;
  }
  return undefined;
}

beforeEach(async () => {
  harness = new LineHarness();
  broker = await startMosquitto();
});

afterEach(async () => {
  await harness.done();
  await broker.remove();
});

it('brings what matches, tells what was retained, and carries what is published', async () => {
  const link = open(url());
  await until('the connection', isOk(link));
  await link.publish('er/mode', '3', { retain: true });
  const seen: MqttMessage[] = [];
  const subscription = link.subscribe('er/+', (message) => void seen.push(message));
  await until('the retained message', () => seen.length === 1);
  await link.publish('er/soc', new Uint8Array([0x35, 0x30]), { qos: 0 });
  await until('the fresh message', () => seen.length === 2);
  expect(seen.map(({ topic, payload, retained }) => [topic, Buffer.from(payload).toString(), retained])).toEqual([
    ['er/mode', '3', true],
    ['er/soc', '50', false],
  ]);
  subscription.dispose();
  const rest: string[] = [];
  link.subscribe('other', ({ topic }) => void rest.push(topic));
  await link.publish('er/soc', '51');
  await link.publish('other', 'x');
  await until('the message behind it', () => rest.length === 1);
  expect(seen).toHaveLength(2);
});

it('goes on after the broker was away: subscribed again, and nothing of the time between is sent late', async () => {
  const link = open(url());
  const seen: string[] = [];
  link.subscribe('er/#', ({ payload }) => void seen.push(Buffer.from(payload).toString()));
  await until('the connection', isOk(link));
  await broker.stop();
  await until('the loss', () => link.state.status === 'connecting');
  await expect(link.publish('er/set', 'lost')).rejects.toMatchObject({ code: expect.stringMatching(/^SMX_TRANSPORT/) });
  await broker.start();
  await until('the connection', isOk(link));
  await link.publish('er/set', 'new');
  await until('the message', () => seen.length > 0);
  expect(seen).toEqual(['new']);
  expect(link.state.counters.connects).toBeGreaterThanOrEqual(2);
});

it('says that a subscription is refused and what to do, and tries again', async () => {
  let logins = 0;
  const strict = createServer((socket) => {
    socket.once('data', () => {
      logins++;
      socket.write(CONNACK);
      // SUBACK with the packet identifier of the SUBSCRIBE and return code 0x80
      socket.once('data', (subscribe) => socket.write(Buffer.from([0x90, 3, subscribe[2]!, subscribe[3]!, 0x80])));
    });
  });
  const link = open(`mqtt://127.0.0.1:${await harness.serve(strict)}`);
  link.subscribe('er/#', () => undefined);
  await until('the refusal', () => link.state.reason === 'permission');
  expect(link.state.text).toMatch(/refuses the subscription to er\/#; let the role/);
  await until('the next try', () => logins >= 2);
});

it('tells a broker that refuses the login from one that is not there and from what is no broker', async () => {
  const closed = await startMosquitto(() => 'allow_anonymous false');
  const page = createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const port = await harness.serve(page);
  try {
    const refused = open(`mqtt://127.0.0.1:${closed.port}`, { user: 'er', password: 'wrong' });
    const noBroker = open(`mqtt://127.0.0.1:${port}`);
    await until('the refusal', () => refused.state.reason === 'permission');
    expect(refused.state.text).toMatch(/refuses user name or password/);
    await until('the page', () => noBroker.state.reason !== undefined);
    expect(['protocol', 'closed']).toContain(noBroker.state.reason);
  } finally {
    await closed.remove();
  }
  await broker.stop();
  const absent = open(url('er:secret@'));
  await until('the refusal', () => absent.state.reason === 'refused');
  expect(JSON.stringify(absent.state)).not.toContain('secret');
});

it('asks at growing pauses where a message that is kept there is longer than any may be, and says so', async () => {
  const keeper = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (bytes[0] === 0x10) socket.write(CONNACK);
      // what was asked for is granted, and then comes a PUBLISH of 200 MB
      if (bytes[0] === 0x82) {
        const granted = [0x90, 3, bytes[2]!, bytes[3]!, 0];
        socket.write(Buffer.concat([Buffer.from([...granted, 0x30, 0x80, 0x84, 0xaf, 0x5f]), Buffer.alloc(3 << 20)]));
      }
    });
  });
  const link = open(`mqtt://127.0.0.1:${await harness.serve(keeper)}`, { random: () => 1 });
  link.subscribe('big/#', () => undefined);
  const lost = (): number[] =>
    harness.states.flatMap(({ retryAt }) => (retryAt === undefined ? [] : [retryAt - Date.now()]));
  const pauses: number[] = [];
  for (const n of [1, 2]) {
    await until(`loss ${n}`, () => new Set(harness.states.map(({ retryAt }) => retryAt)).size > n);
    pauses.push(lost().at(-1)!);
  }
  expect(pauses[1]).toBeGreaterThan(1.5 * pauses[0]!);
  expect(link.state.text).toMatch(/a message on what is subscribed there has more than 1048576 bytes.*send less$/);
});

it('ends a peer that sends without end, and rejects what waits for its answer', async () => {
  const flood = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(CONNACK);
      // a PUBLISH of 200 MB
      socket.once('data', () =>
        socket.write(Buffer.concat([Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]), Buffer.alloc(3 << 20)])),
      );
    });
  });
  const link = open(`mqtt://127.0.0.1:${await harness.serve(flood)}`);
  await until('the connection', isOk(link));
  await expect(link.publish('er/set', '1')).rejects.toMatchObject({ reason: 'protocol' });
});

it('refuses topics and sources that cannot be', async () => {
  const link = open(url());
  for (const filter of ['', 'a#', '#/a', 'a+/b', 'a\0'])
    expect(thrown(() => link.subscribe(filter, () => undefined))).toBe('SMX_MQTT_TOPIC');
  await expect(link.publish('er/+', '1')).rejects.toMatchObject({ code: 'SMX_MQTT_TOPIC' });
  expect(thrown(() => open('tcp://127.0.0.1:1'))).toBe('SMX_TRANSPORT_SOURCE');
  await link.close();
  await expect(link.publish('er/set', '1')).rejects.toMatchObject({ code: 'SMX_TRANSPORT_CLOSED' });
  expect(link.state.status).toBe('closed');
});
