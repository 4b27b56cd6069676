import { systemClock } from '@smx-edge/model';
import { encodeModel, modelOf, type ModelValues } from '@smx-edge/protocols/sunspec';
import { LineHarness } from '../../test-support/line-harness.js';
import { imageAnswer, ModbusDevice } from '../../test-support/modbus-device.js';
import { openModbus } from '../modbus/open-modbus.js';
import type { PartCounter } from './part-counters.js';
import type { SunSpecPart } from './parts.js';
import { SunSpecUnit } from './sunspec-unit.js';
import { UnitReader } from './unit-reader.js';

const BASE = 40_000;
const END = [0xffff, 0];
const model = (id: number, values: ModelValues, blocks: readonly ModelValues[] = []): number[] =>
  encodeModel(modelOf(id)!, values, blocks);
const common = (serial: string): number[] => model(1, { Mn: 'Maker', SN: serial });
const running = { W: 2000, W_SF: 0, PhVphA: 230, V_SF: -1, Hz: 50, Hz_SF: -2, WH: 9000, WH_SF: 0, St: 4 };
const inverter = (more: ModelValues = {}): number[] => model(103, { ...running, ...more });
const trackers = model(160, { DCA_SF: -1, DCV_SF: -1, DCW_SF: 0, DCWH_SF: 1, N: 2 }, [
  { IDStr: 'MPPT 1', DCA: 3, DCV: 400, DCW: 1200, DCWH: 800 },
  { IDStr: 'MPPT 2', DCA: null, DCV: null, DCW: null, DCWH: null },
]);

const imageOf = (...models: readonly (readonly number[])[]): Map<number, number> =>
  new Map([0x5375, 0x6e53, ...models.flat()].map((word, i) => [BASE + i, word]));
const valueOf = (parts: readonly SunSpecPart[], kind: string, path: string): unknown =>
  parts.find((part) => part.kind === kind)!.points.find((point) => point.path === path)?.value;

describe('the reader of a unit', () => {
  let harness: LineHarness;
  let device: ModbusDevice;
  let reader: UnitReader;
  let now = 0;
  let counters: PartCounter[];

  beforeEach(async () => {
    harness = new LineHarness();
    device = new ModbusDevice();
    const port = await harness.serve(device.server);
    const link = openModbus(`modbus://127.0.0.1:${port}`, {
      ...{ log: harness.log, clock: systemClock, random: () => 0, timeout: 2000 },
    });
    [now, counters] = [0, []];
    const door = (counter: PartCounter): PartCounter['field'] => (counters.push(counter), counter.field);
    reader = new UnitReader(new SunSpecUnit(harness.own(link).unit(1)), door, () => now);
  });
  afterEach(() => harness.done());

  const plays = (...models: readonly (readonly number[])[]): void => {
    device.answer = imageAnswer(imageOf(...models));
  };

  it('asks who it is once a minute, and otherwise only for what is measured', async () => {
    plays(common('42'), inverter(), trackers, END);
    const first = await reader.read();
    expect(first.map(({ kind, serial }) => [kind, serial])).toEqual([
      ['inverter', '42'],
      ['pv', '42'],
    ]);
    device.asked.length = 0;
    expect((await reader.read())[0]!.serial).toBe('42');
    expect(device.asked.map(({ address }) => address)).toEqual([BASE + 2 + common('').length]);
    plays(common('43'), inverter(), trackers, END);
    expect((await reader.read())[0]!.serial).toBe('42');
    now += 61_000;
    expect((await reader.read())[0]!.serial).toBe('43');
  });

  it('asks for a frame of zeros once more, and takes no value from a second one', async () => {
    const zeros = inverter(Object.fromEntries(Object.keys(running).map((name) => [name, name === 'St' ? 7 : 0])));
    plays(common('42'), inverter(), trackers, END);
    await reader.read();
    const [good, bad] = [imageAnswer(imageOf(common('42'), inverter(), trackers, END)), imageAnswer(imageOf(common('42'), zeros, trackers, END))]; // prettier-ignore
    let reads = 0;
    device.answer = (asked, socket) => (reads++ === 0 ? bad : good)(asked, socket);
    expect(valueOf(await reader.read(), 'inverter', 'power/active')).toBe(-2000);
    device.answer = bad;
    const parts = await reader.read();
    expect(valueOf(parts, 'inverter', 'power/active')).toBeNull();
    expect(valueOf(parts, 'pv', 'power')).toBe(-1200);
  });

  it('leaves a tracker that nothing is on out of the sums', async () => {
    plays(common('42'), inverter(), trackers, END);
    const parts = await reader.read();
    expect(valueOf(parts, 'pv', 'power')).toBe(-1200);
    expect(valueOf(parts, 'pv', 'energy/produced')).toBe(800);
    expect(valueOf(parts, 'pv', 'mppt2/power')).toBeNull();
  });

  it('shows its door every counter with what it can hold', async () => {
    plays(common('42'), inverter(), trackers, END);
    await reader.read();
    const told = counters.map(({ kind, index, serial, path, span, step }) => ({
      kind,
      index,
      serial,
      path,
      span,
      step,
    }));
    expect(told).toEqual([
      { kind: 'inverter', index: 0, serial: '42', path: 'energy/active/export', span: 2 ** 32, step: 1 },
      { kind: 'pv', index: 0, serial: '42', path: 'energy/produced/mppt1', span: 10 * 2 ** 32, step: 10 },
      { kind: 'pv', index: 0, serial: '42', path: 'energy/produced/mppt2', span: 10 * 2 ** 32, step: 10 },
    ]);
  });

  it('looks once a minute whether there is more behind the last model', async () => {
    plays(common('42'), inverter(), END);
    await reader.read();
    plays(common('42'), inverter(), trackers, END);
    expect((await reader.read()).map(({ kind }) => kind)).toEqual(['inverter']);
    now += 61_000;
    expect((await reader.read()).map(({ kind }) => kind)).toEqual(['inverter', 'pv']);
  });

  it('walks a chain without an end again after ten minutes, since it may have been cut', async () => {
    plays(common('42'), inverter());
    expect((await reader.read()).map(({ kind }) => kind)).toEqual(['inverter']);
    plays(common('42'), inverter(), trackers, END);
    expect((await reader.read()).map(({ kind }) => kind)).toEqual(['inverter']);
    now += 601_000;
    expect((await reader.read()).map(({ kind }) => kind)).toEqual(['inverter', 'pv']);
  });
});
