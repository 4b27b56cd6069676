import { createServer, type AddressInfo, type Server } from 'node:net';
import type { DiscoverStep, Tools } from '@smx-edge/extension-api';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { silentLog, systemClock, type SmxError } from '@smx-edge/model';
import { encodeModel, modelOf } from '@smx-edge/protocols/sunspec';
import { discover, test } from './probe.js';
import { checkConfig } from './settings.js';

const image = (serial: string, id: number): number[] => [
  ...[0x5375, 0x6e53],
  ...encodeModel(modelOf(1)!, { Mn: 'Maker', Md: 'Type', SN: serial }),
  ...encodeModel(modelOf(id)!, { W: 100, W_SF: 0, Hz: 50, Hz_SF: -2 }),
  ...[0xffff, 0],
];
const UNITS: Readonly<Record<number, readonly number[]>> = { 1: image('42', 103), 240: image('M', 203), 3: [] };
const defaults = { names: {}, poll: '1s', timeout: '300ms' };

describe('what is behind a source', () => {
  let server: Server;
  let source: string;
  let tools: Tools;
  const links: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (asked) => {
        const words = UNITS[asked[6]!];
        if (words === undefined) return;
        const [from, count] = [asked.readUInt16BE(8) - 40_000, asked.readUInt16BE(10)];
        const found = from < 0 || from + count > words.length ? undefined : words.slice(from, from + count);
        const pdu = found === undefined ? [0x83, 2] : [3, 2 * count, ...found.flatMap((word) => [word >> 8, word & 0xff])]; // prettier-ignore
        socket.write(Buffer.from([asked[0]!, asked[1]!, 0, 0, 0, pdu.length + 1, asked[6]!, ...pdu]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    source = `modbus://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const modbus = (text: string): ReturnType<typeof openModbus> => {
      const link = openModbus(text, { log: silentLog, clock: systemClock, random: () => 0, timeout: 1000 });
      links.push(link);
      return link;
    };
    tools = { now: Date.now, log: silentLog, modbus } as unknown as Tools;
  });
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
    server.close();
  });

  const stepsOf = async (text: string): Promise<DiscoverStep[]> => {
    const steps: DiscoverStep[] = [];
    for await (const step of discover(text, tools)) steps.push(step);
    return steps;
  };

  it('is found with progress, all units in one config', async () => {
    const steps = await stepsOf(source);
    expect(steps.at(-1)!.found).toMatchObject({
      title: 'unit 1: Maker Type, serial 42 (inverter); unit 240: Maker Type, serial M (meter)',
      config: { source, units: [1, 240] },
      data: [{ unit: 1, devices: [{ kind: 'inverter', serial: '42' }] }, { unit: 240 }],
    });
    const progress = steps.map((step) => step.progress!);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.length).toBeGreaterThan(10);
  });

  it('is tested as the config has it', async () => {
    expect(await test({ source, ...defaults, units: [1, 240] }, tools)).toMatchObject({ ok: true });
    expect(await test({ source, ...defaults }, tools)).toMatchObject({
      ok: true,
      text: expect.stringContaining('unit 1: Maker') as string,
    });
    const strange = await test({ source, ...defaults, units: [1, 3] }, tools);
    expect(strange).toMatchObject({
      ok: false,
      text: expect.stringMatching(/unit 3 answers and has no SunSpec/) as string,
    });
    const silent = await test({ source, ...defaults, units: [9] }, tools);
    expect(silent).toMatchObject({ ok: false, text: expect.stringMatching(/unit 9 of .* did not answer/) as string });
  });

  it('is nothing where nobody listens, and that is said at once', async () => {
    await new Promise((resolve) => server.close(resolve));
    const steps = await stepsOf(source);
    expect(steps.at(-1)!.text).toMatch(/refuse|127\.0\.0\.1/);
    expect(steps.length).toBeLessThan(4);
    expect((await test({ source, ...defaults }, tools)).ok).toBe(false);
  });
});

it('two devices cannot have one name, nor be read without a pause', () => {
  const wrong = (config: object): unknown => {
    try {
      checkConfig({ source: 'modbus://192.0.2.1', ...defaults, ...config });
    } catch (error) {
      return (error as SmxError).details;
    }
    return undefined;
  };
  expect(wrong({ names: { '1': 'pcc', '2': 'pcc' } })).toEqual([expect.objectContaining({ path: 'names' })]);
  expect(wrong({ poll: '10ms' })).toEqual([expect.objectContaining({ path: 'poll' })]);
  for (const revert of ['10s', '9h']) expect(wrong({ revert })).toEqual([expect.objectContaining({ path: 'revert' })]);
  for (const one of ['500ms', '11s']) expect(wrong({ 'write-interval': one })).toEqual([expect.objectContaining({ path: 'write-interval' })]); // prettier-ignore
  expect(wrong({ revert: '0s', 'write-interval': '5s' })).toBeUndefined();
  expect(wrong({ names: { meter: 'pcc', '2': 'garage' } })).toBeUndefined();
});
