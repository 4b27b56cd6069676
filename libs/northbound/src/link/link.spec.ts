import { inflateSync } from 'node:zlib';
import { until } from '../../test-support/fixture.js';
import { linkBench, sniff, type LinkBench, type Sniffer } from '../../test-support/link-bench.js';
import { startMosquitto, type Mosquitto } from '../../test-support/mosquitto.js';

let broker: Mosquitto;
let bench: LinkBench;
let outside: Sniffer;

beforeEach(async () => {
  broker = await startMosquitto();
  bench = linkBench();
  outside = await sniff(broker.port);
});

afterEach(async () => {
  await outside.end().catch(() => undefined);
  await bench.stop();
  await broker.remove();
});

const url = (): string => `mqtt://127.0.0.1:${broker.port}`;
const BASE = 'smx/1/k3f9/gesscon';

async function gesscon(more: { now?: number | undefined; compress?: boolean } = {}): Promise<void> {
  bench.add({ name: 'gesscon', alias: 'k3f9', url: url(), ...more });
  await until(() => bench.status('gesscon').state === 'online', 'the link');
}

it('brings state, cat and now in this order, retained, and then what changes', async () => {
  const power = bench.gate.declare('pcc/power/active');
  bench.gate.set(power, 1234);
  bench.gate.grant('gesscon', { read: ['pcc/#'] });
  await gesscon();
  await until(() => outside.packets.length >= 3, 'the tree');
  expect(outside.packets.slice(0, 3).map(({ topic, retain, qos }) => [topic, retain, qos])).toEqual([
    [`${BASE}/state`, true, 1],
    [`${BASE}/cat`, true, 1],
    [`${BASE}/now`, true, 0],
  ]);
  const [cat] = outside.json(`${BASE}/cat`);
  expect(outside.json(`${BASE}/state`)[0]).toMatchObject({
    s: 'online',
    epoch: 7,
    cat: cat?.['hash'],
    ledger: 'abcd',
    head: {},
  });
  expect(cat).toMatchObject({ v: 1, points: [{ id: power, path: 'pcc/power/active' }] });
  expect(outside.json(`${BASE}/now`)[0]).toMatchObject({ v: { 'pcc/power/active': 1234 } });
  bench.gate.set(power, -7);
  await until(() => outside.texts(`${BASE}/now`).some((text) => text.includes('-7')), 'the change');
  expect(bench.status('gesscon')).toMatchObject({
    state: 'online',
    protocol: '5.0',
    topics: BASE,
    connects: 1,
    failures: 0,
  });
});

it('lets `now` run out on a 5.0 broker instead of growing old there', async () => {
  bench.gate.declare('pcc/power/active');
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon();
  await until(() => outside.texts(`${BASE}/now`).length > 0, 'now');
  const packet = outside.packets.find(({ topic }) => topic === `${BASE}/now`);
  expect(packet?.properties?.messageExpiryInterval).toBeGreaterThan(60);
});

it('sends at most one `now` per period, and the newest', async () => {
  const power = bench.gate.declare('pcc/power/active');
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon({ now: 300 });
  const arrivals: number[] = [];
  outside.client.on('message', (topic) => {
    if (topic.endsWith('/now')) arrivals.push(performance.now());
  });
  const start = performance.now();
  for (let i = 0; performance.now() - start < 1000; i++) {
    bench.gate.set(power, i);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  bench.gate.set(power, 424242);
  await until(() => outside.texts(`${BASE}/now`).some((text) => text.includes('424242')), 'the newest');
  // lateness of this process can only make the time longer
  const periods = Math.floor((performance.now() - start) / 300) + 1;
  expect(arrivals.length).toBeLessThanOrEqual(periods + 1);
});

it('sends no `now` where it is off, and takes away one that stood there', async () => {
  await outside.client.publishAsync(`${BASE}/now`, 'old', { qos: 1, retain: true });
  const power = bench.gate.declare('pcc/power/active');
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon({ now: undefined });
  bench.gate.set(power, 5);
  await until(() => outside.texts(`${BASE}/cat`).length > 0, 'cat');
  await until(() => outside.texts(`${BASE}/now`).at(-1) === '', 'the empty now');
  expect(outside.texts(`${BASE}/now`)).toEqual(['old', '']);
});

it('deflates payloads where asked to, and understands deflated ones', async () => {
  bench.gate.declare('pcc/power/active');
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon({ compress: true });
  await until(() => outside.packets.some(({ topic }) => topic === `${BASE}/now`), 'now');
  const packet = outside.packets.find(({ topic }) => topic === `${BASE}/cat`)!;
  const bytes = packet.payload as Buffer;
  expect(bytes[0]).toBe(0x78);
  expect(JSON.parse(inflateSync(bytes).toString())).toMatchObject({ v: 1 });
});

it('refuses in words what it does not offer yet, on rsp, res and the response topic', async () => {
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon();
  await until(() => outside.packets.some(({ topic }) => topic === `${BASE}/cat`), 'cat');
  await outside.client.publishAsync(`${BASE}/cmd`, '{"id":"c1","point":"x","value":1}', {
    qos: 1,
    properties: { responseTopic: 'answers/here', correlationData: Buffer.from('corr') },
  });
  await outside.client.publishAsync(`${BASE}/req`, '{"id":"r1","get":"history"}', { qos: 1 });
  await outside.client.publishAsync(`${BASE}/schedule`, 'not json', { qos: 1 });
  await until(() => outside.json(`${BASE}/rsp`).length >= 2 && outside.json(`${BASE}/res`).length >= 1, 'answers');
  expect(outside.json(`${BASE}/rsp`)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 'c1', state: 'refused', code: 'SMX_NOT_AVAILABLE' }),
      expect.objectContaining({ id: null, state: 'refused', code: 'SMX_MESSAGE_MALFORMED' }),
    ]),
  );
  expect(outside.json(`${BASE}/res`)[0]).toMatchObject({ id: 'r1', last: true, error: { code: 'SMX_NOT_AVAILABLE' } });
  const copy = outside.packets.find(({ topic }) => topic === 'answers/here');
  expect(copy?.properties?.correlationData?.toString()).toBe('corr');
});

it('answers to no topic of the house itself, and takes no retained or oversize command', async () => {
  bench.gate.grant('gesscon', { read: ['#'] });
  await outside.client.publishAsync(`${BASE}/cmd`, '{"id":"kept"}', { qos: 1, retain: true });
  await gesscon();
  await until(() => outside.packets.some(({ topic }) => topic === `${BASE}/cat`), 'cat');
  const spoof = 'smx/1/site-1/other/now';
  await outside.client.publishAsync(`${BASE}/cmd`, '{"id":"spoof"}', { qos: 1, properties: { responseTopic: spoof } });
  await outside.client.publishAsync(`${BASE}/cmd`, `{"id":"big","x":"${'x'.repeat(70_000)}"}`, { qos: 1 });
  await outside.client.publishAsync(`${BASE}/cmd`, '{"id":"last"}', { qos: 1 });
  await until(() => outside.texts(`${BASE}/rsp`).some((text) => text.includes('last')), 'the last answer');
  expect(outside.json(`${BASE}/rsp`).map(({ id }) => id)).toEqual(['spoof', 'last']);
  expect(outside.texts(spoof)).toEqual([]);
});

it('tells `closing` when it is stopped, and leaves no will behind', async () => {
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon();
  await bench.stop();
  await until(() => outside.json(`${BASE}/state`).at(-1)?.['s'] === 'closing', 'closing');
  expect(outside.json(`${BASE}/state`).map(({ s }) => s)).toEqual(['online', 'closing']);
});

it('empties its topics when its principal ends, and stays away', async () => {
  const power = bench.gate.declare('pcc/power/active');
  bench.gate.set(power, 1);
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon();
  await until(() => outside.texts(`${BASE}/now`).length > 0, 'now');
  bench.gate.forget('gesscon');
  await until(() => bench.status('gesscon').state === 'ended', 'the end');
  await until(
    () => ['state', 'cat', 'now'].every((kind) => outside.texts(`${BASE}/${kind}`).at(-1) === ''),
    'empty topics',
  );
  const late = await sniff(broker.port);
  await late.client.publishAsync('mark', 'x', { qos: 1 });
  await until(() => late.texts('mark').length > 0, 'the mark');
  expect(late.packets.map(({ topic }) => topic)).toEqual(['mark']);
  await late.end();
});

it('takes a value that is no longer granted off the broker at once, whatever the period of `now`', async () => {
  const power = bench.gate.declare('pcc/power/active');
  const soc = bench.gate.declare('battery/soc');
  bench.gate.set(power, 11);
  bench.gate.set(soc, 22);
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon({ now: 600_000 });
  await until(() => outside.texts(`${BASE}/now`).length > 0, 'now');
  bench.gate.grant('gesscon', { read: ['battery/#'] });
  await until(() => outside.texts(`${BASE}/cat`).length > 1, 'the new cat');
  await until(() => outside.json(`${BASE}/now`).length > 1, 'the new now');
  expect(outside.texts(`${BASE}/now`)[1]).toBe('');
  expect(outside.json(`${BASE}/now`)[1]?.['v']).toEqual({ 'battery/soc': 22 });
});

it('comes back after the broker did, with everything there again', async () => {
  const power = bench.gate.declare('pcc/power/active');
  bench.gate.grant('gesscon', { read: ['#'] });
  await gesscon();
  for (let i = 0; i < 3; i++) {
    await broker.stop();
    await until(() => bench.status('gesscon').state !== 'online', 'the loss');
    await broker.start();
    await until(() => bench.status('gesscon').state === 'online', 'the way back');
  }
  bench.gate.set(power, 99);
  const again = await sniff(broker.port);
  await until(() => again.texts(`${BASE}/now`).some((text) => text.includes('99')), 'the value');
  expect(again.packets.map(({ topic }) => topic)).toEqual(expect.arrayContaining([`${BASE}/state`, `${BASE}/cat`]));
  await again.end();
  expect(bench.status('gesscon').connects).toBe(4);
});

it('lets nothing through that a party was not granted: ten parties at one broker', async () => {
  const parties = Array.from({ length: 10 }, (_, i) => `party-${i}`);
  const points = Array.from({ length: 100 }, (_, i) => bench.gate.declare(`dev-${i % 10}/value-${i}`));
  for (const [i, party] of parties.entries()) {
    bench.gate.grant(party, { read: [`dev-${i}/#`] });
    bench.add({ name: party, url: url() });
  }
  await until(() => bench.links.list().every(({ state }) => state === 'online'), 'all links');
  for (const handle of points) bench.gate.set(handle, 1_000_000 + handle);
  const full = (i: number): boolean =>
    outside.texts(`smx/1/site-1/party-${i}/now`).some((text) => text.split('10000').length === 11);
  await until(() => parties.every((_, i) => full(i)), 'all values');
  let cells = 0;
  for (const { topic, payload } of outside.packets)
    for (const [, device] of payload.toString().matchAll(/dev-(\d)/g)) {
      cells++;
      expect([topic, device]).toEqual([`smx/1/site-1/party-${device}/${topic.split('/').at(-1)}`, device]);
    }
  expect(cells).toBeGreaterThan(200);
});
