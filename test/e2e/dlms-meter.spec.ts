import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clock, profile, register, TestMeter, text } from '../../extensions/meter-dlms/test-support/test-meter.js';
import { Box, stop, until } from './smxcore-support.js';

const QUARTER = 900_000;
const ENERGY = 12_345_678;

/** A meter as its reader sees it: real lines, the port process, the bundled extension in its own process. */
const objects = [
  text('0-0:96.1.0', 0x1000, 'LGZ53078125'),
  clock(0x2bc0, () => Date.now()),
  register('1-1:16.7.0', 0x7000, () => 1234, [0, 27]),
  register('1-0:1.8.0', 0x3b38, () => ENERGY, [1, 30]),
  profile(0x6270, QUARTER, () => [{ t: Math.floor(Date.now() / QUARTER) * QUARTER - QUARTER, raw: 5 }]),
];

const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';

let box: Box;
let meter: TestMeter;
let bridge: ChildProcess | undefined;

afterEach(async () => {
  await box.remove();
  bridge?.kill();
  bridge = undefined;
  await meter.close();
});

/** Values of the meter by path, once it has this one. */
async function read(config: Record<string, unknown>, path: string): Promise<Record<string, unknown>> {
  const extensions = { meter: { use: 'meter-dlms', config } };
  box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
  await box.core();
  return until(async () => {
    const { status, out } = await box.smx(['read', 'pcc/#', '--json']);
    if (status !== 0) return undefined;
    const rows = JSON.parse(out) as { path: string; value: unknown }[];
    const values = Object.fromEntries(rows.map((row) => [row.path, row.value]));
    return typeof values[path] === 'number' ? values : undefined;
  });
}

describe('a DLMS meter', () => {
  it('that nobody knows is found by `smx discover`, and read with the section it gives', async () => {
    meter = new TestMeter({ framing: 'hdlc', referencing: 'SN', objects });
    const source = await meter.open();
    box = new Box();
    const { core } = await box.core();
    const found = await box.smx(['discover', 'meter-dlms', source, '--json']);
    expect(found).toMatchObject({ status: 0, err: '' });
    const first = JSON.parse(found.out) as { title: string; config: Record<string, unknown> };
    expect(first.title).toContain('LGZ53078125');
    expect(first.config).toMatchObject({ source, profile: 'landis-gyr-zmd', auth: 'none' });
    await stop(core);
    const values = await read(first.config, 'pcc/energy/active/import');
    expect(values).toMatchObject({ 'pcc/power/active': 1234, 'pcc/energy/active/import': 10 * ENERGY });
  });

  it('under an optical head is signed on to through the port process', async () => {
    meter = new TestMeter({ framing: 'mode-e', referencing: 'SN', password: '00000000', objects });
    const port = (await meter.open()).replace('tcp://', '');
    box = new Box();
    const tty = join(box.folder, 'tty');
    bridge = spawn('socat', [`pty,raw,echo=0,link=${tty}`, `tcp:${port}`], { stdio: 'ignore' });
    await until(() => existsSync(tty));
    const config = { source: `serial:${tty}`, profile: 'landis-gyr-zmd', transport: 'mode-e', password: '00000000', 'baud-delay': '50ms' }; // prettier-ignore
    expect(await read(config, 'pcc/power/active')).toMatchObject({ 'pcc/power/active': 1234 });
  });
});
