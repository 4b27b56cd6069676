import { Box } from './smxcore-support.js';

/** What would fail only once charge points dial, told by `smx check`. */
const ESSENTIALS = 'site: test\ndata: ./var\n';
const GOOD = { listen: 'ws://0.0.0.0:9000/ocpp', backend: 'wss://csms.example/ocpp' };

let box: Box;

beforeEach(() => (box = new Box('', ESSENTIALS)));
afterEach(() => box.remove());

async function check(
  configs: Readonly<Record<string, object>>,
  more = '',
): Promise<{ readonly status: number | null; readonly said: string }> {
  const extensions = Object.fromEntries(Object.entries(configs).map(([name, config]) => [name, { use: 'ocpp-proxy', config }])); // prettier-ignore
  box.write(`${ESSENTIALS}${more}extensions: ${JSON.stringify(extensions)}\n`);
  const { status, out, err } = await box.smx(['check']);
  return { status, said: out + err };
}

it.each([
  [{ ...GOOD, listen: 'http://0.0.0.0:9000' }, 'config.listen', 'does not fit'],
  [{ ...GOOD, listen: 'ws://:9000' }, 'config.listen', 'is no address'],
  [{ ...GOOD, listen: 'ws://0.0.0.0:8080/ocpp' }, 'config.listen', 'port 8080 is that of http already'],
  [{ ...GOOD, listen: 'ws://127.0.0.1:1883' }, 'config.listen', 'port 1883 is that of broker already'],
  [{ ...GOOD, backend: 'ws://localhost:9000/other' }, 'config.backend', 'is this instance itself'],
  [{ ...GOOD, stations: { A: { backend: 'ws://127.0.0.1:9000' } } }, 'config.stations.A.backend', 'is this instance itself'],
  [{ ...GOOD, mirrors: [{ url: 'ws://[::1]:9000' }] }, 'config.mirrors[0].url', 'is this instance itself'],
  [{ ...GOOD, backend: 'wss://csms example' }, 'config.backend', 'is no address'],
  [{ ...GOOD, stations: { A: { device: 'garage' }, B: { device: 'garage' } } }, 'config.stations.B.device', 'that of an outlet of A already'],
  [{ ...GOOD, stations: { A: { outlets: { 1: 'a', 2: 'a' } } } }, 'config.stations.A.outlets.2', 'that of an outlet of A already'],
  [{ ...GOOD, stations: { A: { device: 'a' }, B: { outlets: { 2: 'a' } } } }, 'config.stations.B.outlets.2', 'another name'],
] as const)('%j is refused at %s: %s', async (config, path, told) => {
  const { status, said } = await check({ ocpp: config });
  expect(status).toBe(2);
  expect(said).toContain(path);
  expect(said).toContain(told);
  expect(said.trim().split('\n')).toHaveLength(1);
}); // prettier-ignore

it('refuses a second instance at the port of another', async () => {
  const { status, said } = await check({ one: GOOD, two: { ...GOOD, listen: 'wss://192.0.2.1:9000/b' } });
  expect(status).toBe(2);
  expect(said).toMatch(/extensions\.two\.config\.listen: port 9000 is that of extensions\.one already/);
});

it('takes what is different, and ports that are free', async () => {
  const stations = { A: { device: 'garage', outlets: { 1: 'left' } }, B: { device: 'street' }, C: {} };
  const other = { ...GOOD, listen: 'ws://192.0.2.1:9001', backend: 'ws://192.0.2.1:9000/ocpp' };
  const free = { ...GOOD, listen: 'ws://127.0.0.1:0', backend: 'ws://127.0.0.1:9000/ocpp' };
  expect(await check({ one: { ...GOOD, stations }, other, free })).toMatchObject({ status: 0 });
  expect(await check({ one: { ...GOOD, listen: 'ws://127.0.0.1:8080' } }, 'http: { host: 192.0.2.1 }\n')).toMatchObject({ status: 0 }); // prettier-ignore
});
