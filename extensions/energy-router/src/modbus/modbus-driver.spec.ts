import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { frame } from '../../../../libs/extension-api/test-support/modbus-device.js';
import energyRouter from '../index.js';

const MAP = `file:${join(__dirname, '../../maps/example-modbus.json')}`;

/** A small router with the registers of the example map, as a real server: what is written to it is in force, within its limits. */
class SmallRouter {
  readonly input = new Map<number, number>();
  readonly holding = new Map<number, number>();
  /** Registers at which it refuses. */
  readonly missing = new Set<number>();
  /** It acknowledges a write and does nothing. */
  ignores = false;
  isSilent = false;
  readonly written: (readonly [address: number, word: number])[] = [];
  readonly server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (this.isSilent) return;
      const [code, address, count] = [bytes[7]!, bytes.readUInt16BE(8), bytes.readUInt16BE(10)];
      const answer = code === 16 ? this.write(bytes, address) : this.read(code, address, count);
      socket.write(frame(bytes.readUInt16BE(0), bytes[6]!, answer));
    });
  });

  constructor() {
    for (let i = 0; i < 12; i++) this.input.set(i, 0).set(i + 12, 0);
    for (let i = 0; i < 12; i++) this.holding.set(i, 0);
    // standby, 55.5 %, -230 W (charging), 96.4 V, 420 W of PV, 12.5 W float, 30 var
    const image = [1, 555, 0x10000 - 230, 964, 420, 0, 0x4148, 0x0000, 30];
    image.forEach((word, i) => this.input.set(i, word));
  }

  private read(code: number, address: number, count: number): number[] {
    const table = code === 3 ? this.holding : this.input;
    const words = Array.from({ length: count }, (_, i) => (this.missing.has(address + i) && code === 4 ? undefined : table.get(address + i))); // prettier-ignore
    if (words.includes(undefined)) return [code | 0x80, 2];
    return [code, 2 * count, ...words.flatMap((word) => [word! >> 8, word! & 0xff])];
  }

  private write(bytes: Buffer, address: number): number[] {
    const word = bytes.readUInt16BE(13);
    this.written.push([address, word]);
    if (!this.ignores) {
      const signed = (word << 16) >> 16;
      this.holding.set(address, word);
      if (address === 0) this.input.set(0, word);
      // it holds its battery to 1000 W without a word
      if (address === 1) this.holding.set(11, word).set(1, word);
      if (address === 1) this.input.set(2, Math.max(-1000, Math.min(1000, signed)) & 0xffff);
      if (address === 2) this.input.set(4, Math.min(420, word));
      if (address === 3) this.input.set(8, word);
    } else if (address === 1) this.holding.set(11, word);
    return [16, bytes[8]!, bytes[9]!, 0, 1];
  }
}

let router: SmallRouter;
let port: number;
let harness: Harness;

function read(config: object = {}): void {
  const defaults = { driver: 'modbus', phases: 'three', names: { er: 'er' }, signs: 'er', measures: '/x/', watch: [], limits: {} } as const; // prettier-ignore
  const wanted = { ...defaults, source: `modbus://127.0.0.1:${port}`, map: MAP, interval: '100ms', ...config };
  harness = runExtension(energyRouter, { config: wanted });
}

const seen = (path: string): unknown => harness.seen.values.get(`er/${path}`)?.value;
const online = (): boolean | undefined => [...harness.seen.devices.values()][0]?.online;
const settled = (): Promise<void> => harness.until(() => online() === true && seen('battery/power/in-force') !== undefined); // prettier-ignore

beforeEach(async () => {
  router = new SmallRouter();
  await new Promise<void>((resolve) => router.server.listen(0, '127.0.0.1', resolve));
  ({ port } = router.server.address() as AddressInfo);
});
afterEach(async () => {
  await harness.stop();
  router.server.close();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

test('what the map says is read, in the units and signs of the box', async () => {
  read();
  await settled();
  const values = Object.fromEntries(['mode', 'battery/soc', 'battery/power', 'battery/voltage', 'pv/power', 'power/active', 'power/reactive'].map((path) => [path, seen(path)])); // prettier-ignore
  expect(values).toEqual({
    ...{ mode: 'standby', 'battery/soc': 55.5, 'battery/power': 230, 'battery/voltage': 96.4 },
    ...{ 'pv/power': -420, 'power/active': 12.5, 'power/reactive': 30 },
  });
  router.input.set(1, 65_535);
  await harness.until(() => seen('battery/soc') === null);
  expect(harness.seen.values.get('er/battery/soc')?.reason).toBe('the router says that it has none');
});

test('what is written is proved by what is measured, and put back', async () => {
  read();
  await settled();
  await harness.command('er/battery/power/setpoint', -700);
  await harness.until(() => seen('battery/power/in-force') === -700 && seen('battery/power/setpoint') === -700);
  expect(router.written).toEqual([[1, 700]]);
  await harness.command('er/battery/power/setpoint', 1500);
  // shown as it was told, and less is done
  await harness.until(() => seen('battery/power/in-force') === 1000 && seen('battery/power/setpoint') === 1500);
  await harness.release('er/battery/power/setpoint');
  await harness.until(() => seen('battery/power/in-force') === 0);
  await harness.command('er/mode/setpoint', 'run');
  await harness.until(() => seen('mode') === 'run');
  expect(await harness.release('er/mode/setpoint')).toEqual({ outcome: 'applied', value: 'standby' });
  await harness.command('er/pv/power/setpoint', -300);
  await harness.until(() => seen('pv/power/in-force') === -300);
  expect(await harness.release('er/pv/power/setpoint')).toEqual({ outcome: 'applied', value: -1000 });
  expect(router.written.slice(2)).toEqual([[1, 0], [0, 2], [0, 1], [2, 300], [2, 1000]]); // prettier-ignore
});

test('limits of the config narrow those of the map, and never widen them', async () => {
  read({ limits: { charge: 500, discharge: 5000, reactive: [-100, 5000] } });
  await settled();
  const bounds = ['battery/power', 'pv/power', 'power/reactive'].map((path) => harness.seen.definitions.get(`er/${path}/setpoint`)!.setpoint); // prettier-ignore
  expect(bounds).toMatchObject([{ min: -1700, max: 500 }, { min: -1000, max: 0 }, { min: -100, max: 1250 }]); // prettier-ignore
});

test('a write that is acknowledged and ignored shows', async () => {
  router.ignores = true;
  read();
  await settled();
  await harness.command('er/battery/power/setpoint', 1200);
  await harness.until(() => seen('battery/power/setpoint') === 1200 && seen('battery/power/in-force') === 230);
});

test('a register that the router does not have is told by the name of its entry; the others are read', async () => {
  router.missing.add(3);
  read();
  await settled();
  expect(seen('battery/voltage')).toBeNull();
  await harness.until(() => harness.seen.statuses.at(-1)?.text?.includes('battery/voltage') === true);
  expect(harness.seen.statuses.at(-1)).toMatchObject({
    state: 'warning',
    text: 'battery/voltage: unit 1 refuses register 3 (exception 2); check the map',
  });
  expect(seen('battery/soc')).toBe(55.5);
});

test('a router that falls silent is off line, and back by itself', async () => {
  read();
  await settled();
  router.isSilent = true;
  await harness.until(() => online() === false);
  expect([...harness.seen.devices.values()][0]!.reason).toMatch(/did not answer within/);
  expect(await harness.command('er/battery/power/setpoint', 100)).toMatchObject({ outcome: 'refused', code: 'SMX_MODBUS_TIMEOUT' }); // prettier-ignore
  router.isSilent = false;
  await harness.until(() => online() === true);
});

test.each([
  [{ map: 'file:/none.json' }, 'SMX_ROUTER_MAP', /none\.json: it cannot be read/],
  [{ map: undefined }, 'SMX_CONFIG_INVALID', /map: file:PATH of a map/],
  [{ source: 'mqtt://x' }, 'SMX_CONFIG_INVALID', /source: a source of kind modbus or modbus-rtu/],
  [{ map: MAP.replace('example-modbus', 'example-rest') }, 'SMX_ROUTER_MAP', /example-rest\.json:7:\d+ entries\.0\.path.*there is no key "path"/], // prettier-ignore
  [{ 'rest-mode': 'mppt' }, 'SMX_CONFIG_INVALID', /rest-mode: one of off, standby, run/],
  [{ modes: ['run', 'fly'] }, 'SMX_CONFIG_INVALID', /there is no fly/],
])('a config with %j fails with what to do', async (config, code, text) => {
  read(config);
  await harness.until(() => harness.seen.failed !== undefined);
  expect(harness.seen.failed).toMatchObject({ code, message: expect.stringMatching(text) });
});
