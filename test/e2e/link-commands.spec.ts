import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, stop, until } from './smxcore-support.js';

const POINT = 'battery/power/setpoint';
const TREE = 'smx/1/test/cloud';
const ANSWERS = 'controller-7/answers';
const ROLES = {
  roles: { cloud: { grants: [{ read: ['battery/#'] }, { command: [POINT], between: [-4000, 4000], lease: '15m' }] } },
};

interface Heard {
  readonly topic: string;
  readonly stage: { readonly id: string; readonly state: string; readonly value?: number; readonly code?: string };
  readonly correlation: string | undefined;
}

let box: Box;
let broker: Mosquitto;
let cloud: MqttClient;
let heard: Heard[];

beforeEach(async () => {
  broker = await startMosquitto();
  box = new Box(
    'roles: ./roles.yaml\n' +
      `links: { cloud: { url: "mqtt://127.0.0.1:${broker.port}", role: cloud, now: 100ms } }\n` +
      'extensions: { virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0 } } }\n',
  );
  writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
  heard = [];
  cloud = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 5 });
});

afterEach(async () => {
  await cloud.endAsync(true);
  await broker.remove();
  await box.remove();
});

const states = (id: string, topic: string): string[] =>
  heard.filter((one) => one.stage.id === id && one.topic === topic).map(({ stage }) => stage.state);

it('come over a link and an outside broker, are answered on rsp and on the response topic, and only once', async () => {
  let power: unknown;
  cloud.on('message', (topic, payload, { properties }) => {
    // emptied while nothing is granted yet
    if (payload.length === 0) return;
    if (topic === `${TREE}/now`) {
      power = (JSON.parse(payload.toString()) as { v: Record<string, unknown> }).v['battery/power'];
      return;
    }
    const stage = JSON.parse(payload.toString()) as Heard['stage'];
    heard.push({ topic, stage, correlation: properties?.correlationData?.toString() });
  });
  await cloud.subscribeAsync([`${TREE}/rsp`, `${TREE}/now`, ANSWERS], { qos: 1 });
  // left on the broker by somebody, it would be carried out at each connect
  const left = { id: 'left', t: Date.now(), point: POINT, value: 111, for: '10m' };
  await cloud.publishAsync(`${TREE}/cmd`, JSON.stringify(left), { qos: 1, retain: true });
  const { core } = await box.core();
  await until(() => power === 0);

  const body = JSON.stringify({ id: 'a', t: Date.now(), point: POINT, value: 1500, for: '10m' });
  const properties = { responseTopic: ANSWERS, correlationData: Buffer.from('order 7') };
  await cloud.publishAsync(`${TREE}/cmd`, body, { qos: 1, properties });
  const whole = ['received', 'accepted', 'applied', 'verified'];
  await until(() => states('a', ANSWERS).length >= 4 && states('a', `${TREE}/rsp`).length >= 4);
  expect(states('a', ANSWERS)).toEqual(whole);
  expect(states('a', `${TREE}/rsp`)).toEqual(whole);
  expect(heard.filter(({ topic }) => topic === ANSWERS).map(({ correlation }) => correlation)).toEqual(
    whole.map(() => 'order 7'),
  );
  await until(() => power === 1500);

  // QoS 1 may bring it again: it is answered as it is
  await cloud.publishAsync(`${TREE}/cmd`, body, { qos: 1 });
  await until(() => states('a', `${TREE}/rsp`).length === 5);
  expect(states('a', `${TREE}/rsp`).at(-1)).toBe('verified');

  const old = { id: 'old', t: Date.now() - 61_000, point: POINT, value: 900, for: '10m' };
  await cloud.publishAsync(`${TREE}/cmd`, JSON.stringify(old), { qos: 1, properties });
  await until(() => states('old', ANSWERS).length > 0);
  expect(heard.at(-1)?.stage).toMatchObject({ state: 'refused', code: 'SMX_COMMAND_STALE' });

  await cloud.publishAsync(`${TREE}/cmd`, '{"id":"a","cancel":true}', { qos: 1 });
  await until(() => power === 0);
  await until(() => states('a', `${TREE}/rsp`).at(-1) === 'cancelled');
  expect(heard.filter(({ stage }) => stage.id === 'left')).toEqual([]);
  expect((await stop(core)).status).toBe(0);
});
