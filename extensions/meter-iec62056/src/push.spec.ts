import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { encodeBlock, withEvenParity } from '@smx-edge/protocols/iec62056-21';
import { TestMeter } from '../test-support/test-meter.js';
import meterIec from './index.js';

/** As an EMH eHZ sends it without an end, and a meter of mode D with units. */
const EHZ = '/EMH5----eHZ-E0018E\r\n\r\n1-0:0.0.0*255(331200-5009810)\r\n1-0:1.8.1*255(032942.0231)\r\n1-0:96.5.5*255(80)\r\n0-0:96.1.255*255(0000680476)\r\n!\r\n'; // prettier-ignore
const volts = (value: string): Uint8Array => Buffer.from(`/KAM MC\r\n\r\n32.7.0(${value}*V)\r\n!\r\n`);

let meter: TestMeter;
let harness: Harness;

beforeEach(async () => {
  meter = new TestMeter();
  const source = await meter.open();
  harness = runExtension(meterIec, { config: { source, mode: 'D', readout: '2s', timezone: 'UTC' } });
  await until(() => meter.connections === 1);
});

afterEach(async () => {
  await harness.stop();
  await meter.close();
  expect(harness.seen.exceptions).toEqual([]);
});

const until = (condition: () => boolean): Promise<void> => harness.until(condition, 60_000);
const sample = (path: string): unknown => harness.seen.values.get(path);

describe('a meter that sends unasked', () => {
  it('gives points telegram by telegram, whatever the pieces, and nothing is ever sent to it', async () => {
    const bytes = withEvenParity(Buffer.from(EHZ));
    for (let at = 0; at < bytes.length; at += 7) meter.push(bytes.subarray(at, at + 7));
    await until(() => sample('pcc/energy/active/import') !== undefined);
    expect(sample('pcc/energy/active/import/t1')).toMatchObject({ value: 32_942_023.1, quality: 'uncertain' });
    expect(sample('pcc/energy/active/import')).toMatchObject({ value: 32_942_023.1, quality: 'uncertain' });
    expect(sample('pcc/serial')).toMatchObject({ value: '0000680476' });
    meter.push(withEvenParity(Buffer.from(volts('230.1'))));
    await until(() => sample('pcc/voltage/l1') !== undefined);
    expect(sample('pcc/voltage/l1')).toMatchObject({ value: 230.1, quality: 'good' });
    expect(meter.asked).toEqual([]);
    await until(() => harness.seen.statuses.at(-1)?.state === 'ok');
  });

  it('is believed in full only where check or parity prove it, and not at all where they disprove it', async () => {
    meter.push(volts('231'));
    await until(() => sample('pcc/voltage/l1') !== undefined);
    expect(sample('pcc/voltage/l1')).toMatchObject({ value: 231, quality: 'uncertain', reason: expect.stringContaining('proves') as string }); // prettier-ignore
    const spoilt = withEvenParity(Buffer.from(volts('232')));
    // one bit of the value
    spoilt[spoilt.indexOf(withEvenParity(Buffer.from('2'))[0]!, 18)]! ^= 0x01;
    for (let n = 0; n < 3; n++) meter.push(spoilt);
    await until(() => harness.seen.events.some(({ code }) => code === 'meter-faulty'));
    // also of a character that has no eighth bit
    const other = withEvenParity(Buffer.from(volts('233')));
    other[other.lastIndexOf(0x33)]! ^= 0x01;
    meter.push(other);
    const next = withEvenParity(Buffer.from('/KAM MC\r\n\r\n52.7.0(229*V)\r\n!\r\n'));
    meter.push(next);
    await until(() => sample('pcc/voltage/l2') !== undefined);
    expect(sample('pcc/voltage/l1')).toMatchObject({ value: 231 });
    const block = encodeBlock('32.7.0(233*V)\r\n!\r\n');
    meter.push(Buffer.concat([Buffer.from('/KAM MC\r\n'), block.map((byte, i) => (i === 9 ? byte ^ 2 : byte))]));
    meter.push(Buffer.concat([Buffer.from('/KAM MC\r\n'), block]));
    await until(() => (sample('pcc/voltage/l1') as { value: number }).value === 233);
    expect(sample('pcc/voltage/l1')).toMatchObject({ quality: 'good' });
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-faulty' && state === 'cleared'));
  });

  it('has the same clock in each of several telegrams that come at once', async () => {
    const stamp = new Date().toISOString().replace(/[-:]/g, '');
    const clock = `/KAM MC\r\n\r\n0.9.1(${stamp.slice(9, 15)})\r\n0.9.2(${stamp.slice(2, 8)})\r\n`;
    const telegram = (rest: string): string => `${clock}${rest}\r\n!\r\n`;
    meter.push(Buffer.from(['32.7.0(230*V)', '52.7.0(231*V)', '72.7.0(229*V)'].map(telegram).join('')));
    await until(() => sample('pcc/voltage/l3') !== undefined);
    const offsets = harness.seen.batches.flat().filter(({ path }) => path === 'pcc/clock/offset');
    const seconds = offsets.map(({ value }) => Number(value));
    expect(seconds.length).toBeGreaterThan(0);
    expect(Math.max(...seconds.map(Math.abs))).toBeLessThan(2.5);
  });

  it('and falls silent is told to be so, also behind damaged telegrams', async () => {
    meter.push(volts('231'));
    const spoilt = withEvenParity(Buffer.from(volts('232')));
    spoilt[spoilt.indexOf(withEvenParity(Buffer.from('2'))[0]!, 18)]! ^= 0x01;
    for (let n = 0; n < 3; n++) meter.push(spoilt);
    await until(() => harness.seen.events.some(({ code }) => code === 'meter-faulty'));
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-silent' && state === 'raised'));
    expect([...harness.seen.devices.values()]).toMatchObject([{ online: false }]);
    meter.push(volts('232'));
    await until(() => harness.seen.events.some(({ code, state }) => code === 'meter-silent' && state === 'cleared'));
  });
});
