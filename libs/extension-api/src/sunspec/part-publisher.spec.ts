import { encodeModel, modelOf, type ModelValues } from '@smx-edge/protocols/sunspec';
import { LineHarness } from '../../test-support/line-harness.js';
import { imageAnswer, ModbusDevice, type Answer } from '../../test-support/modbus-device.js';
import { defineExtension } from '../define.js';
import { runExtension, type Harness } from '../runtime/run-extension.js';
import { PartPublisher, type UnitDevices } from './part-publisher.js';
import { SunSpecReader } from './sunspec-reader.js';

const BASE = 40_000;
const END = [0xffff, 0];
const model = (id: number, values: ModelValues, blocks: readonly ModelValues[] = []): number[] =>
  encodeModel(modelOf(id)!, values, blocks);
const common = (serial: string): number[] => model(1, { Mn: 'Maker', SN: serial });
const inverter = (WH: number | null): number[] =>
  model(103, { W: 2000, W_SF: 0, PhVphA: 230, V_SF: -1, Hz: 50, Hz_SF: -2, WH, WH_SF: 0, St: 4 });
const storage = (soc: number): number[] => model(124, { ChaState: soc, ChaState_SF: 0, ChaSt: 4 });
const way = (IDStr: string, DCW: number, DCWH: number | null): ModelValues => ({ IDStr, DCW, DCWH, DCV: 400, DCA: 2 });
const ways = (charged: number | null): number[] =>
  model(160, { DCA_SF: -1, DCV_SF: -1, DCW_SF: 0, DCWH_SF: 0, N: 2 }, [
    way('StCha 1', 0, charged),
    way('StDisCha 2', 700, 500),
  ]);
const meter = (TotWhImp: number): number[] => model(203, { W: -300, W_SF: 0, TotWhImp, TotWhExp: 90, TotWh_SF: 0 });

const image = (...models: readonly (readonly number[])[]): Answer =>
  imageAnswer(new Map([0x5375, 0x6e53, ...models.flat()].map((word, i) => [BASE + i, word])));

describe('devices of SunSpec units in an instance', () => {
  let line: LineHarness;
  let device: ModbusDevice;
  let harness: Harness;
  let source: string;
  let units: Map<number, Answer>;
  let shown: Map<number, UnitDevices>;

  const extension = defineExtension<{ units?: number[] }>({
    async start(smx) {
      smx.modbus(source, { timeout: 400 });
      const { config } = smx;
      const publisher = await PartPublisher.open({ smx, names: {}, period: 50, units: config.units });
      await SunSpecReader.begin({
        ...{ smx, source, units: config.units, poll: 50, door: (unit) => publisher.door(unit) },
        onReading: (reading) => {
          publisher.take(reading);
          shown.set(reading.live.unit, publisher.devices(reading.live.unit));
        },
        onFault: (fault, isLasting) => publisher.fault(fault, isLasting),
        onState: ({ state, text }) => smx.status(state, text),
      });
    },
  });
  const run = (config: { units?: number[] } = { units: [1, 200] }, state: Record<string, unknown> = {}): void => {
    harness = runExtension(extension, { config, state });
  };
  const value = (path: string): unknown => harness.seen.values.get(path)?.value;
  const events = (): unknown[] => harness.seen.events.map(({ code, device: of, data }) => [code, of, data]);
  const isOnline = (name: string): boolean | undefined =>
    [...harness.seen.devices.values()].find((one) => one.name === name)?.online;

  beforeEach(async () => {
    line = new LineHarness();
    device = new ModbusDevice();
    shown = new Map();
    units = new Map([
      [1, image(common('1'), inverter(81_000), ways(300), storage(50), END)],
      [200, image(common('M'), meter(7000), END)],
    ]);
    device.answer = (asked, socket) => units.get(asked.unit)?.(asked, socket);
    source = `modbus://127.0.0.1:${await line.serve(device.server)}`;
  });
  afterEach(async () => {
    await harness.stop();
    await line.done();
    expect(harness.seen.exceptions).toEqual([]);
    expect(harness.seen.refused).toEqual([]);
  });

  it('are there for whoever adds something to them, by the unit they stand behind', async () => {
    run();
    await harness.until(() => shown.size === 2);
    expect([...shown].map(([unit, devices]) => [unit, [...devices.keys()]])).toEqual([
      [1, ['inverter', 'battery']],
      [200, ['meter']],
    ]);
    expect(shown.get(1)!.get('battery')!.name).toBe('battery');
  });

  it('have counters that go on where the device began anew, also over a restart, and tell of it once', async () => {
    run();
    await harness.until(() => value('inverter/energy/active/export') === 81_000);
    units.set(1, image(common('1'), inverter(4), ways(300), storage(50), END));
    await harness.until(() => value('inverter/energy/active/export') === 81_004);
    expect(events()).toEqual([['counter-reset', 'inverter', { counter: 'energy/active/export', from: 81_000, to: 4 }]]);
    await harness.stop();
    run({ units: [1, 200] }, Object.fromEntries(harness.seen.state));
    units.set(1, image(common('1'), inverter(9), ways(300), storage(50), END));
    await harness.until(() => value('inverter/energy/active/export') !== undefined);
    expect(value('inverter/energy/active/export')).toBe(81_009);
  });

  it('keep the counter of a way in which nothing flows', async () => {
    run();
    await harness.until(() => value('battery/energy/charged') === 300);
    units.set(1, image(common('1'), inverter(81_000), ways(null), storage(51), END));
    await harness.until(() => value('battery/soc') === 51);
    expect(harness.seen.values.get('battery/energy/charged')).toMatchObject({ value: 300, quality: 'good' });
  });

  it('go off line where they are in the chain no more, and come back where it moves again', async () => {
    run();
    await harness.until(() => isOnline('battery') === true);
    units.set(1, image(common('1'), inverter(81_000), END));
    await harness.until(() => isOnline('battery') === false);
    expect(isOnline('inverter')).toBe(true);
    units.set(
      1,
      image(common('1'), model(120, { WRtg: 5000, WRtg_SF: 0 }), inverter(81_000), ways(300), storage(52), END),
    );
    await harness.until(() => isOnline('battery') === true && value('battery/soc') === 52);
  });

  it('are exchanged without another name, and the box hears of it', async () => {
    run();
    await harness.until(() => JSON.stringify([harness.seen.state.get('devices')]).includes('"pcc":"M"'));
    await harness.stop();
    units.set(200, image(common('N'), meter(12), END));
    run({ units: [1, 200] }, Object.fromEntries(harness.seen.state));
    await harness.until(() => value('pcc/serial') === 'N');
    // an earlier run has seen the other one's counter, which is not gone below
    await harness.until(() => value('pcc/energy/active/import') === 7012);
    expect(events()).toEqual(
      expect.arrayContaining([['device-replaced', 'pcc', { before: 'M', now: 'N' }]]) as unknown[],
    );
  });

  it('of a unit that falls silent go off line, while the others are read', async () => {
    run();
    await harness.until(() => isOnline('inverter') === true && isOnline('pcc') === true);
    const answer = units.get(1)!;
    units.delete(1);
    await harness.until(() => isOnline('inverter') === false);
    const before = harness.seen.batches.length;
    await harness.until(() => harness.seen.batches.length > before + 2);
    expect(isOnline('pcc')).toBe(true);
    units.set(1, answer);
    await harness.until(() => isOnline('inverter') === true, 30_000);
  });

  it('are found by themselves, in the usual order, and are known at the next start while they are silent', async () => {
    run({});
    await harness.until(() => value('pcc/power/active') === -300 && value('battery/soc') === 50);
    const asked = [...new Set(device.asked.map(({ unit }) => unit))];
    expect(asked.slice(0, 2)).toEqual([1, 200]);
    await harness.stop();
    units.delete(1);
    run({}, Object.fromEntries(harness.seen.state));
    await harness.until(() => /unit 1 of .* did not answer/.test(harness.seen.statuses.at(-1)?.text ?? ''));
  });
});
