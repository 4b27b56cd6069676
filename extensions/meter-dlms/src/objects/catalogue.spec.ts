import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import type { Data, GetResult } from '@smx-edge/protocols/cosem';
import type { MeterObject } from '@smx-edge/protocols/dlms';
import { data, register, TestMeter, text } from '../../test-support/test-meter.js';
import meterDlms from '../index.js';
import type { DlmsConfig } from '../settings.js';

let meter: TestMeter;
let harness: Harness;
let state: Record<string, unknown> = {};

/** Reads a meter with these objects once, and gives what came of its points. */
async function read(objects: readonly MeterObject[], last: string, points = {}): Promise<Record<string, unknown>> {
  meter = new TestMeter({ framing: 'wrapper', referencing: 'LN', objects });
  const source = await meter.open();
  const config: DlmsConfig = { source, transport: 'wrapper', instantaneous: '200ms', points, 'event-logs': [], profiles: [] }; // prettier-ignore
  harness = runExtension(meterDlms, { config, state });
  await harness.until(() => harness.seen.values.has(last), 60_000);
  await harness.stop();
  await meter.close();
  state = Object.fromEntries(harness.seen.state);
  return Object.fromEntries([...harness.seen.values].map(([path, { value, reason }]) => [path, value ?? reason]));
}

const serial = text('0-0:96.1.0', 0, 'LGZ53078125');
const volts = (obis: string, scaler?: GetResult): MeterObject => {
  const object = register(obis, 0, () => 2301, [-1, 35]);
  return {
    ...object,
    read: (attribute, selection) => (attribute === 3 && scaler ? scaler : object.read(attribute, selection)),
  };
};
const scaled = (scaler: number): GetResult => {
  const parts: Data[] = [{ type: 'integer', value: scaler }, { type: 'enum', value: 35 }]; // prettier-ignore
  return { data: { type: 'structure', value: parts } };
};

beforeEach(() => {
  state = {};
});

describe('scalers and units of a meter', () => {
  it('that are refused for now or make no sense leave the point without a value, and the refused are asked again', async () => {
    const faulty = [serial, volts('1-0:32.7.0', { error: 2 }), volts('1-0:52.7.0', scaled(127)), volts('1-0:72.7.0', scaled(-128))]; // prettier-ignore
    const none = 'its scaler and unit are not known';
    const first = await read(faulty, 'pcc/voltage/l3');
    expect(first).toMatchObject({ 'pcc/voltage/l1': none, 'pcc/voltage/l2': none, 'pcc/voltage/l3': none });
    const well = ['1-0:32.7.0', '1-0:52.7.0', '1-0:72.7.0'].map((obis) => volts(obis));
    expect(await read([serial, ...well], 'pcc/voltage/l3')).toMatchObject({ 'pcc/voltage/l1': 230.1, 'pcc/voltage/l2': none }); // prettier-ignore
  });

  it('are those of this meter, also where it does not say who it is', async () => {
    const other = register('1-0:32.7.0', 0, () => 23_010, [-2, 35]);
    for (const object of [volts('1-0:32.7.0'), other])
      expect(await read([object], 'pcc/voltage/l1')).toMatchObject({ 'pcc/voltage/l1': 230.1 });
  });

  it('there are none of a data object: its number is read as it stands', async () => {
    const tariff = data('0-0:96.14.0', { type: 'unsigned', value: 2 });
    expect(await read([serial, tariff], 'pcc/tariff', { tariff: '0-0:96.14.0' })).toMatchObject({ 'pcc/tariff': '2' });
  });
});
