import { systemClock } from '@smx-edge/model';
import { encodeModel, modelOf, type ModelValues } from '@smx-edge/protocols/sunspec';
import { codeOf, LineHarness } from '../../test-support/line-harness.js';
import { frame, imageAnswer, ModbusDevice } from '../../test-support/modbus-device.js';
import { openModbus } from '../modbus/open-modbus.js';
import { SunSpecUnit } from './sunspec-unit.js';

const BASE = 40_000;
const END = [0xffff, 0];

const model = (id: number, values: ModelValues, blocks: readonly ModelValues[] = []): number[] =>
  encodeModel(modelOf(id)!, values, blocks);
const common = model(1, { Mn: 'Fronius', SN: '42' });
const inverter = (watts: number, scale: number): number[] => model(103, { W: watts, W_SF: scale });

const imageOf = (...models: readonly (readonly number[])[]): Map<number, number> =>
  new Map([0x5375, 0x6e53, ...models.flat()].map((word, i) => [BASE + i, word]));

describe('a SunSpec unit over Modbus TCP', () => {
  let harness: LineHarness;
  let device: ModbusDevice;
  let unit: SunSpecUnit;

  beforeEach(async () => {
    harness = new LineHarness();
    device = new ModbusDevice();
    const port = await harness.serve(device.server);
    const link = openModbus(`modbus://127.0.0.1:${port}`, {
      ...{ log: harness.log, clock: systemClock, random: () => 0, timeout: 300 },
    });
    unit = new SunSpecUnit(harness.own(link).unit(1));
  });
  afterEach(() => harness.done());

  const plays = (...models: readonly (readonly number[])[]): Map<number, number> => {
    const image = imageOf(...models);
    device.answer = imageAnswer(image);
    return image;
  };
  const watts = async (ids: readonly number[] = [101, 102, 103]): Promise<unknown[]> =>
    (await unit.read(ids)).models.map(({ fields }) => fields['W']);

  it('finds the models once, and then reads what is wanted in one request', async () => {
    plays(common, inverter(2439, -1), model(124, { WChaMax: 5000, WChaMax_SF: 0 }), END);
    expect((await unit.models()).models.map(({ id }) => id)).toEqual([1, 103, 124]);
    const before = device.asked.length;
    const { models } = await unit.read([103, 124]);
    expect(models.map(({ id }) => id)).toEqual([103, 124]);
    expect(device.asked).toHaveLength(before + 1);
  });

  it('takes a scale factor from the read of its value, and looks again where the models have moved', async () => {
    plays(common, inverter(2439, -1), END);
    expect(await watts()).toEqual([{ value: 2439 }]);
    const { chain } = await unit.read([103]);
    // the same power with another factor, then in another place
    plays(common, inverter(2440, 1), END);
    expect(await watts()).toEqual([{ value: 2440 }]);
    expect((await unit.read([103])).chain).toBe(chain);
    plays(common, model(120, { WRtg: 5000, WRtg_SF: 0 }), inverter(1800, 0), END);
    expect(await watts()).toEqual([{ value: 1800 }]);
    expect((await unit.read([103])).chain).not.toBe(chain);
  });

  it('reads a model up to the registers that the device refuses, beside others that are whole', async () => {
    const image = plays(common, model(123, { WMaxLimPct: 70, WMaxLimPct_SF: 0 }), inverter(2000, 0), END);
    const at = (await unit.models()).models[1]!.address;
    image.delete(at + 12);
    const { models } = await unit.read([103, 123]);
    expect(models.map(({ id }) => id)).toEqual([123, 103]);
    expect(models[0]!.fields).toMatchObject({ Conn_WinTms: { value: null }, VArPct_Ena: { reason: 'hole' } });
    expect(models[1]!.fields['W']).toEqual({ value: 2000 });
    const before = device.asked.length;
    expect(await watts([103, 123])).toHaveLength(2);
    // what was found of the hole is kept
    expect(device.asked).toHaveLength(before + 2);
  });

  it('ends a chain where the device keeps silent, but takes silence at the marker for no unit', async () => {
    const image = imageOf(common, inverter(1000, 0));
    const answer = imageAnswer(image);
    device.answer = (asked, socket) => (image.has(asked.address) ? answer(asked, socket) : undefined);
    expect(await unit.models()).toMatchObject({ end: 'no-answer', models: [{ id: 1 }, { id: 103 }] });
    unit.forget();
    device.answer = () => undefined;
    expect(await codeOf(unit.models())).toBe('SMX_MODBUS_TIMEOUT');
  });

  it('keeps what it knows of a device that is off, and tells it from one that has no models', async () => {
    plays(common, inverter(1000, 0), END);
    const chain = await unit.models();
    device.answer = ({ transaction, code }, socket) => void socket.write(frame(transaction, 1, [code | 0x80, 11]));
    expect(await codeOf(unit.read([103]))).toBe('SMX_MODBUS_EXCEPTION');
    expect(await unit.models()).toBe(chain);
    unit.forget();
    device.answer = imageAnswer(new Map());
    expect(await codeOf(unit.models())).toBe('SMX_SUNSPEC_ABSENT');
  });

  it('takes nothing from models that move each time they are looked for', async () => {
    const answers = [
      imageAnswer(imageOf(common, inverter(1, 0), END)),
      imageAnswer(imageOf(inverter(1, 0), common, END)),
    ];
    // a walk sees the one, the read after it the other
    device.answer = (asked, socket) => answers[asked.count > 2 ? 1 : 0]!(asked, socket);
    expect(await codeOf(unit.read([103]))).toBe('SMX_SUNSPEC_MOVED');
  });
});
