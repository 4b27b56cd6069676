import { decodeModel, encodeModel, modelOf, type Decoded, type ModelValues } from '@smx-edge/protocols/sunspec';
import { partsOf, type SunSpecPart } from './parts.js';

function read(id: number, values: ModelValues, blocks: readonly ModelValues[] = []): Decoded {
  const words = encodeModel(modelOf(id)!, values, blocks);
  const decoded = decodeModel({ id, address: 40_002, length: words.length - 2 }, words);
  if ('fault' in decoded) throw new Error(decoded.fault);
  return decoded;
}

const scales = { W_SF: 0, V_SF: -1, A_SF: -1, Hz_SF: -2, VAr_SF: 0, VA_SF: 0, WH_SF: 0 };
const running = { ...scales, W: 2400, PhVphA: 231.5, Hz: 50.01, VAr: -120, WH: 81_000, St: 4 };
const trackerScales = { DCA_SF: -1, DCV_SF: -1, DCW_SF: 0, DCWH_SF: 0, N: 4 };
const way = (IDStr: string, DCW: number | null, DCWH: number): ModelValues => ({ IDStr, DCW, DCWH, DCV: 400, DCA: 2 });
/** Models in floating point have no scale factors. */
const withoutScales = (values: ModelValues): ModelValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !name.endsWith('_SF')));

const valuesOf = (part: SunSpecPart | undefined): Record<string, unknown> =>
  Object.fromEntries(part!.points.filter(({ value }) => value !== null).map(({ path, value }) => [path, value]));
const partOf = (parts: readonly SunSpecPart[], kind: string): SunSpecPart | undefined =>
  parts.find((part) => part.kind === kind);

describe('the devices of a SunSpec chain', () => {
  it.each([103, 113])('have what an inverter gives as negative power and as export (model %d)', (id) => {
    const values = id === 103 ? running : withoutScales(running);
    const [inverter] = partsOf([read(1, { Mn: 'Maker', Md: 'Type', SN: '42' }), read(id, values)]);
    expect(inverter).toMatchObject({ kind: 'inverter', manufacturer: 'Maker', model: 'Type', serial: '42' });
    expect(valuesOf(inverter)).toEqual({
      ...{ 'power/active': -2400, 'power/reactive': 120, 'energy/active/export': 81_000, status: 'mppt' },
      ...{ 'voltage/l1': 231.5, frequency: expect.closeTo(50.01, 3) },
    });
  });

  it('are an inverter and its meter where both stand behind one unit, each of its own maker', () => {
    const meter = { W: -300, W_SF: 0, WphA: -300, TotWhImp: 7000, TotWhExp: 9000, TotWh_SF: 0 };
    const models = [read(1, { SN: '1' }), read(103, running), read(1, { SN: '2' }), read(203, meter)];
    const parts = partsOf(models);
    expect(parts.map(({ kind, serial }) => [kind, serial])).toEqual([
      ['inverter', '1'],
      ['meter', '2'],
    ]);
    expect(valuesOf(parts[1])).toEqual({
      ...{ 'power/active': -300, 'power/active/import': 0, 'power/active/export': 300, 'power/active/l1': -300 },
      ...{ 'energy/active/import': 7000, 'energy/active/export': 9000 },
    });
  });

  it('are trackers and a battery, whose two ways are no trackers', () => {
    const blocks = [way('MPPT 1', 1500, 100), way('MPPT 2', 900, 50), way('StCha 3', 0, 30), way('StDisCha 4', 700, 20)]; // prettier-ignore
    const storage = read(124, { ChaState: 55.5, ChaState_SF: -1, ChaSt: 3 });
    const parts = partsOf([read(103, running), storage, read(160, trackerScales, blocks)]);
    expect(valuesOf(partOf(parts, 'pv'))).toMatchObject({ power: -2400, 'energy/produced': 150, 'mppt2/power': -900 });
    expect(valuesOf(partOf(parts, 'pv'))).not.toHaveProperty('mppt3/power');
    expect(valuesOf(partOf(parts, 'battery'))).toEqual({
      ...{ power: -700, 'energy/charged': 30, 'energy/discharged': 20, soc: 55.5, state: 'discharging' },
    });
  });

  it('have no sum where a tracker gives no value, and no 0 for what is not implemented', () => {
    const parts = partsOf([read(160, trackerScales, [way('MPPT 1', 1500, 100), way('MPPT 2', null, 50)])]);
    const power = partOf(parts, 'pv')!.points.find(({ path }) => path === 'power');
    expect(power).toMatchObject({ value: null, quality: 'bad', reason: 'not-implemented' });
  });

  it('measure nothing where an inverter runs without voltage and frequency; one that sleeps may', () => {
    const zeros = { ...scales, W: 0, PhVphA: 0, Hz: 0, WH: 81_000 };
    expect(valuesOf(partsOf([read(103, { ...zeros, St: 7 })])[0])).toEqual({ status: 'fault' });
    expect(valuesOf(partsOf([read(103, { ...zeros, St: 2 })])[0])).toMatchObject({ 'power/active': 0, frequency: 0 });
  });

  it.each([0, 0xffff, 0x8000])('say nothing where all of a model is filled with %d, as by a dead bus', (word) => {
    const filled = [1, 103, 160, 124, 203, 213].map((id): Decoded => {
      const length = modelOf(id)!.length + (id === 160 ? 40 : 0);
      return decodeModel({ id, address: 40_002, length }, [id, length, ...Array<number>(length).fill(word)]) as Decoded;
    });
    const parts = partsOf(filled);
    expect(parts.map(({ kind, serial }) => [kind, serial])).toContainEqual(['meter', undefined]);
    expect(parts.flatMap((part) => Object.entries(valuesOf(part)))).toEqual([]);
  });

  it('have names without what no printer prints, and none of nothing else', () => {
    const names = { Mn: 'Ma\u001b[2Jker\n', Md: '\u0007\u007f', SN: ' 42 ' };
    const [part] = partsOf([read(1, names), read(103, running)]);
    expect(part).toMatchObject({ manufacturer: 'Ma[2Jker', serial: '42' });
    expect(part).not.toHaveProperty('model');
  });

  it('have no state of charge that cannot be, as where its scale factor is missing', () => {
    const soc = (values: ModelValues): unknown =>
      partOf(partsOf([read(124, values)]), 'battery')!.points.find(({ path }) => path === 'soc');
    expect(soc({ ChaState: 5500, ChaState_SF: null })).toMatchObject({ value: null, quality: 'bad' });
    expect(soc({ ChaState: 6553.4, ChaState_SF: -1 })).toMatchObject({ value: null, quality: 'bad' });
    expect(soc({ ChaState: 100, ChaState_SF: -2 })).toMatchObject({ value: 100, quality: 'good' });
  });

  it('say that a number without a scale factor is uncertain', () => {
    const [inverter] = partsOf([read(103, { ...running, W_SF: null })]);
    expect(inverter!.points.find(({ path }) => path === 'power/active')).toMatchObject({ quality: 'uncertain' });
  });
});
