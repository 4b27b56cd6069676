import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { listenLines, openLine } from '@smx-edge/extension-api/transports';
import { SmxError } from '@smx-edge/model';
import {
  encodeDateTime,
  encodeGeneralBlock,
  encodeNotification,
  encodeWrapper,
  seal,
  wrapGeneral,
  type CipherKeys,
  type Data,
} from '@smx-edge/protocols/cosem';
import { pushSetup, register, TestMeter, text, type TestMeterOptions } from '../../test-support/test-meter.js';
import meterDlms from '../index.js';
import type { DlmsConfig } from '../settings.js';
import { pushOf } from './push-object.js';

const KEYS: CipherKeys = { suite: 0, block: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
const SECURITY = { 'encryption-key': '01'.repeat(16), 'authentication-key': '02'.repeat(16) };
const METER = Buffer.from('MTR00001');
const OBJECTS = ['0-0:1.0.0', { obis: '1-0:1.8.0', scaler: 1, unit: 'Wh' }, { obis: '1-0:32.7.0', scaler: -1, unit: 'V' }]; // prettier-ignore

const time = (t: number): Data => ({ type: 'octet-string', value: encodeDateTime(t, { deviation: 0 }) });
const notification = (t: number, energy: number, volts = 2301): Uint8Array =>
  encodeNotification({
    ...{ apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0) },
    data: {
      type: 'structure',
      value: [time(t), { type: 'double-long-unsigned', value: energy }, { type: 'long-unsigned', value: volts }],
    },
  });
const wrapped = (apdu: Uint8Array): Uint8Array => encodeWrapper({ source: 1, destination: 64, apdu });
const sealed = (plain: Uint8Array, counter: number, title = METER): Uint8Array =>
  wrapped(wrapGeneral(title, seal(plain, { keys: KEYS, title, counter, protection: { authenticated: true, encrypted: true } }), 'general-glo')); // prettier-ignore

let harness: Harness;
let meter: TestMeter | undefined;
const sockets: Socket[] = [];

function start(config: DlmsConfig, state: Record<string, unknown> = {}): void {
  harness = runExtension(meterDlms, { config, state });
}

async function freePort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

async function caller(): Promise<Socket> {
  const port = (): unknown => harness.seen.logs.find(({ message }) => message === 'line listens')?.fields?.['port'];
  await harness.until(() => port() !== undefined, 60_000);
  const socket = connect(Number(port()), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

const seen = (path: string): unknown => harness.seen.values.get(path)?.value;
const until = (condition: () => boolean): Promise<void> => harness.until(condition, 60_000);
const refusals = (): (string | null)[] => harness.seen.events.filter(({ code }) => code === 'push-refused').map(({ state, text }) => (state === 'raised' ? text : null)); // prettier-ignore
const PUSH = { listen: 'tcp-listen://127.0.0.1:0', objects: OBJECTS };

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await harness.stop();
  await meter?.close();
  meter = undefined;
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

describe('a meter that pushes', () => {
  it('in plain over TCP gives its values at its own time, whatever the pieces they come in', async () => {
    start({ push: PUSH });
    const socket = await caller();
    const now = Date.now() - 5000;
    for (const byte of wrapped(notification(now, 1234))) socket.write(Uint8Array.of(byte));
    await until(() => seen('pcc/energy/active/import') === 12_340 && seen('pcc/voltage/l1') !== undefined);
    expect(harness.seen.values.get('pcc/voltage/l1')).toMatchObject({ value: 230.1, t: Math.floor(now / 10) * 10 });
    expect(harness.seen.definitions.get('pcc/voltage/l1')).toMatchObject({ unit: 'V', maxAge: 2_700_000 });
    await until(() => [...harness.seen.devices.values()][0]?.online === true);
  });

  it('over UDP is heard as well, between datagrams that are none', async () => {
    const port = await freePort();
    start({ push: { ...PUSH, listen: `udp://127.0.0.1:${port}` } });
    const sender = createSocket('udp4');
    // until it listens nobody hears it
    const again = setInterval(() => {
      sender.send('rubbish', port, '127.0.0.1');
      sender.send(wrapped(notification(Date.now(), 7)), port, '127.0.0.1');
    }, 100);
    await until(() => seen('pcc/energy/active/import') === 70 && refusals().length > 0);
    clearInterval(again);
    sender.close();
  });

  it('over UDP in general blocks is put together for each sender and logical device, whoever else sends between', async () => {
    const port = await freePort();
    start({ push: { ...PUSH, listen: `udp://127.0.0.1:${port}` } });
    const listens = (): boolean => harness.seen.logs.some(({ message }) => message === 'line listens');
    await until(listens);
    const senders = [createSocket('udp4'), createSocket('udp4')];
    const block = (apdu: Uint8Array, number: number, device: number): Uint8Array => {
      const half = Math.ceil(apdu.length / 2);
      const head = { apdu: 'general-block-transfer', last: number === 2, streaming: number === 1, window: 1, block: number, acknowledged: 0 } as const; // prettier-ignore
      return encodeWrapper({ source: device, destination: 64, apdu: encodeGeneralBlock({ ...head, data: apdu.subarray((number - 1) * half, number * half) }) }); // prettier-ignore
    };
    const now = Date.now();
    const pushes = [[0, 1], [1, 1], [1, 2]].map(([from, device], i) => ({ from: senders[from!]!, device: device!, apdu: notification(now, i + 1) })); // prettier-ignore
    // of what comes before its point is known only the newest is given
    const given = (): unknown[] => harness.seen.batches.flat().filter(({ path }) => path === 'pcc/energy/active/import').map(({ value }) => value); // prettier-ignore
    senders[0]!.send(wrapped(notification(now, 9)), port, '127.0.0.1');
    await until(() => given().length === 1);
    for (const number of [1, 2])
      for (const { from, device, apdu } of pushes)
        await new Promise((sent) => from.send(block(apdu, number, device), port, '127.0.0.1', sent));
    await until(() => given().length === 4);
    expect(given()).toEqual([90, 10, 20, 30]);
    expect(refusals()).toEqual([]);
    for (const sender of senders) sender.close();
  });

  it('ciphered gives values only with a valid tag, in the order of its counter, once, also after a restart', async () => {
    const config = { push: PUSH, security: SECURITY };
    start(config);
    let socket = await caller();
    socket.write(wrapped(notification(Date.now(), 1)));
    await until(() => refusals().length === 1);
    socket.write(sealed(notification(Date.now(), 2), 7));
    await until(() => seen('pcc/energy/active/import') === 20);
    await until(() => refusals().at(-1) === null);
    const replay = sealed(notification(Date.now(), 3), 7);
    socket.write(replay);
    await until(() => refusals().at(-1)?.includes('replay') === true);
    socket.write(sealed(notification(Date.now(), 4), 8, Buffer.from('MTR00002')));
    socket.write(sealed(notification(Date.now(), 5), 9));
    await until(() => seen('pcc/energy/active/import') === 50);
    await harness.stop();
    const given = harness.seen.batches.flat().filter(({ path }) => path === 'pcc/energy/active/import');
    expect(given.map(({ value }) => value)).toEqual([20, 50]);
    const kept = Object.fromEntries(harness.seen.state);
    expect(JSON.stringify(kept)).not.toMatch(/(01){6}|(02){6}/);
    start(config, kept);
    socket = await caller();
    socket.write(sealed(notification(Date.now(), 6), 9));
    await until(() => refusals().length > 0);
    socket.write(sealed(notification(Date.now(), 7), 10));
    await until(() => seen('pcc/energy/active/import') === 70);
  });

  it('tells by its own Push Setup what it pushes, with the units of its registers', async () => {
    meter = new TestMeter({
      ...{ framing: 'wrapper', referencing: 'LN' },
      objects: [
        register('1-0:1.8.0', 0x3b38, () => 1, [1, 30]),
        register('1-0:21.7.0', 0x3c38, () => 5, [0, 27]),
        pushSetup(['1-0:1.8.0', '1-0:21.7.0']),
      ],
    });
    const source = await meter.open();
    start({ source, transport: 'wrapper', push: { listen: 'tcp-listen://127.0.0.1:0' } });
    await until(() => harness.seen.state.has('push-list:pcc'));
    const socket = await caller();
    const data: Data = { type: 'structure', value: [1234, -5].map((value) => ({ type: 'double-long', value })) };
    socket.write(wrapped(encodeNotification({ apdu: 'data-notification', invoke: 2, dateTime: new Uint8Array(0), data }))); // prettier-ignore
    const given = (): unknown[] => harness.seen.batches.flat().filter(({ path }) => path === 'pcc/energy/active/import').map(({ value }) => value); // prettier-ignore
    await until(() => given().includes(12_340));
  });

  it('is understood by its own list, also where another meter stands there now', async () => {
    const objects = (serial: string, pushed: readonly string[]): TestMeterOptions['objects'] => [
      text('0-0:96.1.0', 0x1000, serial),
      register('1-0:1.8.0', 0x3b38, () => 1, [1, 30]),
      register('1-0:21.7.0', 0x3c38, () => 5, [0, 27]),
      pushSetup(pushed),
    ];
    const ln = { framing: 'wrapper', referencing: 'LN' } as const;
    meter = new TestMeter({ ...ln, objects: objects('A', ['1-0:1.8.0', '1-0:21.7.0']) });
    const source = await meter.open();
    const { port } = meter;
    start({ source, transport: 'wrapper', instantaneous: '200ms', push: { listen: 'tcp-listen://127.0.0.1:0' } });
    await until(() => harness.seen.state.has('push-list:pcc'));
    await meter.close();
    meter = new TestMeter({ ...ln, objects: objects('B', ['1-0:21.7.0', '1-0:1.8.0']) });
    await meter.open(port);
    await until(() => JSON.stringify(harness.seen.state.get('push-list:pcc')).includes('"B"'));
    const socket = await caller();
    const data: Data = { type: 'structure', value: [-5, 1234].map((value) => ({ type: 'double-long', value })) };
    socket.write(wrapped(encodeNotification({ apdu: 'data-notification', invoke: 2, dateTime: new Uint8Array(0), data }))); // prettier-ignore
    const given = (): unknown[] => harness.seen.batches.flat().filter(({ path }) => path === 'pcc/energy/active/import').map(({ value }) => value); // prettier-ignore
    await until(() => given().includes(12_340));
    expect(given()).not.toContain(-50);
  });

  it('and whose Push Setup is no value of any standard is read all the same', async () => {
    let deep: Data = { type: 'unsigned', value: 1 };
    for (let i = 0; i < 100; i++) deep = { type: 'structure', value: [deep] };
    const broken = { ...pushSetup([]), read: () => ({ data: deep }) };
    meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects: [register('1-0:16.7.0', 0x7000, () => 42, [0, 27]), broken] }); // prettier-ignore
    const source = await meter.open();
    start({ source, transport: 'wrapper', push: { listen: 'tcp-listen://127.0.0.1:0' } });
    await until(() => seen('pcc/power/active') === 42);
    expect(harness.seen.logs).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('push.objects') })); // prettier-ignore
  });

  it('is heard on where nothing can be written down, over UDP too, and ends in order', async () => {
    const port = await freePort();
    const full = { get: () => Promise.resolve(undefined), set: () => Promise.reject(new SmxError('SMX_STORE_FULL', 'The disk is full')) }; // prettier-ignore
    const config: DlmsConfig = { push: { ...PUSH, listen: `udp://127.0.0.1:${port}` }, security: SECURITY };
    harness = runExtension({ ...meterDlms, start: (smx) => meterDlms.start(Object.create(smx, { state: { value: full } })) }, { config }); // prettier-ignore
    const sender = createSocket('udp4');
    let counter = 0;
    const again = setInterval(() => sender.send(sealed(notification(Date.now(), 7), ++counter), port, '127.0.0.1'), 100); // prettier-ignore
    await until(() => seen('pcc/energy/active/import') === 70);
    clearInterval(again);
    sender.close();
    expect(refusals()[0]).toContain('disk is full');
    await harness.stop();
    expect(harness.seen.logs.map(({ message }) => message)).toContain('the counter of the pushes could not be kept');
  });

  it.each([
    ['1m', 600_000],
    ['15m', 2_700_000],
  ])('each %s may keep its connection between two pushes', async (every, idle) => {
    const idles: (number | undefined)[] = [];
    harness = runExtension(meterDlms, {
      config: { push: { ...PUSH, every } },
      lines: {
        openLine,
        listenLines: (source, options) => {
          idles.push(options.idle);
          return listenLines(source, options);
        },
      },
    });
    await until(() => harness.seen.logs.some(({ message }) => message === 'line listens'));
    expect(idles).toEqual([idle]);
  });

  it('sends something else than its list says: nothing is given, and it is said so', async () => {
    start({ push: PUSH });
    const socket = await caller();
    socket.write(wrapped(encodeNotification({ apdu: 'data-notification', invoke: 1, dateTime: new Uint8Array(0), data: { type: 'structure', value: [{ type: 'unsigned', value: 1 }] } }))); // prettier-ignore
    await until(() => refusals().length === 1);
    expect(harness.seen.values.has('pcc/energy/active/import')).toBe(false);
    // what is no wrapper ends the connection
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
  });
});

describe('elements of a push', () => {
  const name: Data = { type: 'octet-string', value: Uint8Array.of(1, 0, 1, 7, 0, 255) };
  const scale: Data = { type: 'structure', value: [{ type: 'integer', value: -1 }, { type: 'enum', value: 27 }] }; // prettier-ignore
  const value: Data = { type: 'long-unsigned', value: 42 };

  it('that name themselves need no list', () => {
    const body: Data = { type: 'array', value: [{ type: 'structure', value: [name, value, scale] }, value] };
    expect(pushOf(body, undefined)).toEqual({ values: [{ obis: '1-0:1.7.0', data: value, scale: { scaler: -1, code: 27 } }] }); // prettier-ignore
    expect(pushOf({ type: 'structure', value: [value] }, undefined)).toBeUndefined();
    expect(pushOf(value, undefined)).toBeUndefined();
  });

  it('take scaler and unit of one beside them, and names of objects for nothing', () => {
    const objects = [1, 2, 3].map((attribute) => ({ classId: 3, obis: '1-0:1.7.0', attribute }));
    const body: Data = { type: 'structure', value: [name, value, scale] };
    expect(pushOf(body, objects)?.values).toEqual([{ obis: '1-0:1.7.0', data: value, scale: { scaler: -1, code: 27 } }]); // prettier-ignore
    // what the meter said before may be of another setting of it
    const older = objects.map((one) => ({ ...one, scale: { scaler: 0, code: 30 } }));
    expect(pushOf(body, older)?.values).toMatchObject([{ scale: { scaler: -1, code: 27 } }]);
    expect(pushOf(body, objects.slice(1))).toBeUndefined();
  });
});
