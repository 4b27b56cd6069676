import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { runExtension } from '@smx-edge/extension-api/runtime';
import { register, TestMeter, text } from '../../test-support/test-meter.js';
import meterDlms from '../index.js';
import type { DlmsConfig } from '../settings.js';

/** A gateway that holds the reader's connection and puts the meter's through anew, as when the meter behind it starts again. */
async function gateway(port: number): Promise<{ source: string; restart(): void; close(): void }> {
  let reader: Socket | undefined;
  let line: Socket | undefined;
  const restart = (): void => {
    line?.destroy();
    line = connect(port, '127.0.0.1', () => undefined);
    line.on('data', (bytes) => reader?.write(bytes)).on('error', () => undefined);
  };
  const server = createServer((socket) => {
    reader = socket;
    restart();
    socket.on('data', (bytes) => line?.write(bytes)).on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = (): void => {
    for (const one of [reader, line]) one?.destroy();
    server.close();
  };
  return { source: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, restart, close };
}

it.each(['LN', 'SN'] as const)(
  'a meter of %s that forgot its association while the line stood is associated with anew',
  async (referencing) => {
    let volts = 2301;
    const objects = [text('0-0:96.1.0', 0x1000, 'LGZ53078125'), register('1-0:32.7.0', 0x6ae0, () => volts, [-1, 35])];
    const meter = new TestMeter({ framing: 'wrapper', referencing, objects });
    await meter.open();
    const { source, restart, close } = await gateway(meter.port);
    const config: DlmsConfig = { source, transport: 'wrapper', referencing: referencing === 'LN' ? 'ln' : 'sn', instantaneous: '200ms', 'event-logs': [], profiles: [] }; // prettier-ignore
    const harness = runExtension(meterDlms, { config });
    const reads = (value: number): Promise<void> => harness.until(() => harness.seen.values.get('pcc/voltage/l1')?.value === value, 60_000); // prettier-ignore
    await reads(230.1);
    volts = 2250;
    restart();
    await reads(225);
    await harness.stop();
    close();
    await meter.close();
    expect(meter.asked.filter(({ apdu }) => apdu === 'aarq').length).toBeGreaterThan(1);
    expect(harness.seen.exceptions).toEqual([]);
  },
);

it('a meter that saw higher counters under these keys says from where, and is read once the config begins there', async () => {
  const keys = { encryption: Buffer.alloc(16, 1), authentication: Buffer.alloc(16, 2) };
  const objects = [text('0-0:96.1.0', 0x1000, 'LGZ53078125'), register('1-0:32.7.0', 0x6ae0, () => 2301, [-1, 35])];
  const meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects, keys, clientCounter: 70_000 });
  const source = await meter.open();
  const security = { 'encryption-key': '01'.repeat(16), 'authentication-key': '02'.repeat(16) };
  const config: DlmsConfig = { source, transport: 'wrapper', auth: 'gmac', instantaneous: '200ms', 'event-logs': [], profiles: [] }; // prettier-ignore
  let harness = runExtension(meterDlms, { config: { ...config, security } });
  const refused = (): string | undefined => harness.seen.events.find(({ code }) => code === 'meter-refused')?.text;
  await harness.until(() => refused() !== undefined, 60_000);
  expect(refused()).toContain('set security.counter to 70001 or above');
  await harness.stop();
  const state = Object.fromEntries(harness.seen.state);
  harness = runExtension(meterDlms, { config: { ...config, security: { ...security, counter: 70_001 } }, state });
  await harness.until(() => harness.seen.values.get('pcc/voltage/l1')?.value === 230.1, 60_000);
  await harness.stop();
  await meter.close();
  expect(harness.seen.state.get('counter:pcc')).toBeGreaterThan(70_001);
});
