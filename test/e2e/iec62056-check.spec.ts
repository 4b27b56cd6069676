import { Box } from './smxcore-support.js';

/** What would fail only at the start of a reader of IEC 62056-21, or be read as if it were not there, is told by `smx check`. */
const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
const SERIAL = { source: 'serial:/dev/ttyUSB0' };

let box: Box;

beforeEach(() => (box = new Box('', ESSENTIALS)));
afterEach(() => box.remove());

async function check(config: object): Promise<{ readonly status: number | null; readonly said: string }> {
  const extensions = { meter: { use: 'meter-iec62056', config } };
  box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
  const { status, out, err } = await box.smx(['check']);
  return { status, said: out + err };
}

it.each([
  [{ mode: 'D', poll: { addresses: ['1.7.0'] } }, 'config.poll', 'take poll out, or mode D'],
  [{ mode: 'D', profiles: ['P.01'] }, 'config.profiles', 'take profiles out, or mode D'],
  [{ mode: 'D', share: {} }, 'config.share', 'take share out, or mode D'],
  [{ mode: 'D', others: { tenant: { address: '2' } } }, 'config.others', 'an instance of its own'],
  [{ mode: 'D', address: '12' }, 'config.address', 'give its serial'],
  [{ mode: 'D', password: '12345678' }, 'config.password', 'take password out'],
  [{ mode: 'D', channels: ['1.8.0*kWh'] }, 'config.channels', 'take channels out'],
  [{ mode: 'D', 'max-baud': 9600 }, 'config.max-baud', 'take max-baud out'],
  [{ mode: 'D', 'baud-delay': '300ms' }, 'config.baud-delay', 'take baud-delay out'],
  [{ mode: 'D', readout: '0s' }, 'config.readout', 'how far apart the telegrams come'],
  [{ baud: 'any' }, 'config.baud', 'a serial line has a speed'],
  [{ others: { tenant: { address: '2' } } }, 'config.address', 'this key is required'],
  [{ device: 'm1', address: '1', others: { m1: { address: '2' } } }, 'config.others.m1', 'another name than m1'],
  [{ address: '1', others: { pcc: { address: '2' } } }, 'config.others.pcc', 'another name than pcc'],
  [{ address: '1', others: { tenant: { address: '1' } } }, 'config.others.tenant.address', 'which is that of pcc'],
] as const)('%j is refused at %s: %s', async (config, path, expected) => {
  const { status, said } = await check({ ...SERIAL, ...config });
  expect(status).toBe(2);
  expect(said).toContain(path);
  expect(said).toContain(expected);
  expect(said.trim().split('\n')).toHaveLength(1);
});

it.each([
  { mode: 'D', readout: '5s', points: { 'energy/tariff-9': '1.8.9' }, profiles: [] },
  { poll: { addresses: ['1.7.0'] }, profiles: ['P.01'], share: {}, readout: '0s' },
  { address: '1', others: { tenant: { address: '2' }, lift: { address: '3' } } },
])('%j is taken', async (config) => {
  expect(await check({ ...SERIAL, ...config })).toMatchObject({ status: 0 });
});
