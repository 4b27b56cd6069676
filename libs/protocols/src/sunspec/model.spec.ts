import fc from 'fast-check';
import { encodeModel, encodeWrite, type ModelValues } from './encode.js';
import { decodeModel, type Decoded, type ModelPlace } from './model.js';
import { modelOf, MODELS } from './models/index.js';

const place = (words: readonly number[]): ModelPlace => ({ id: words[0]!, address: 40_069, length: words[1]! });

function decoded(words: readonly number[], at = place(words)): Decoded {
  const model = decodeModel(at, words);
  if ('fault' in model) throw new Error(model.fault);
  return model;
}

const inverter = (values: ModelValues): Decoded['fields'] => decoded(encodeModel(modelOf(103)!, values)).fields;

/** Values as a device might have them, exact under their scale factors. */
function someValues(next: () => number, fields: (typeof MODELS)[number]['fields'], factors: ModelValues): ModelValues {
  const values: Record<string, number | string | null> = {};
  for (const { name, type, scale } of fields) {
    const exponent = scale === undefined ? 0 : (factors[scale] as number);
    const raw = 1 + (next() % 30_000);
    if (type === 'sunssf') values[name] = factors[name]!;
    else if (type === 'string') values[name] = `t${raw % 100}`;
    else if (type === 'float32') values[name] = raw / 4;
    else if (type !== 'pad') values[name] = exponent < 0 ? raw / 10 ** -exponent : raw * 10 ** exponent;
  }
  return values;
}

describe('the values of a model', () => {
  it('are the decimal that the device means, not its neighbour', () => {
    const fields = inverter({
      PhVphA: 243.9,
      V_SF: -1,
      Hz: 49.98,
      Hz_SF: -2,
      W: 17_000,
      W_SF: 1,
      TmpCab: -3.3,
      Tmp_SF: -1,
    });
    expect(fields['PhVphA']).toEqual({ value: 243.9 });
    expect(fields['Hz']).toEqual({ value: 49.98 });
    expect(fields['W']).toEqual({ value: 17_000 });
    expect(fields['TmpCab']).toEqual({ value: -3.3 });
  });

  it('follow the scale factor of their own read', () => {
    const of = (W_SF: number): unknown => inverter({ W: 1230, W_SF })['W'];
    expect([of(0), of(1), of(-1)]).toEqual([{ value: 1230 }, { value: 1230 }, { value: 1230 }]);
  });

  it('are null with the reason where the device has none, and never 0', () => {
    const fields = inverter({});
    for (const [name, value] of Object.entries(fields)) {
      expect([name, value.value]).toEqual([name, null]);
      expect(value).toEqual({ value: null, reason: name === 'WH' ? 'not-accumulated' : 'not-implemented' });
    }
  });

  it('are taken as they stand, and as uncertain, without a scale factor; a factor beyond ten makes them null', () => {
    const words = encodeModel(modelOf(103)!, { W: 1230, W_SF: 0 });
    const { offset } = modelOf(103)!.fields.find(({ name }) => name === 'W_SF')!;
    const of = (factor: number): unknown => decoded(words.with(offset, factor)).fields['W'];
    expect(of(0x8000)).toEqual({ value: 1230, uncertain: true });
    expect(of(11)).toEqual({ value: null, reason: 'scale' });
    expect(of(0x10000 - 11)).toEqual({ value: null, reason: 'scale' });
  });

  it('are of no other model or length than was found there', () => {
    const words = encodeModel(modelOf(103)!, { W: 1, W_SF: 0 });
    expect(decodeModel({ ...place(words), id: 113, length: 60 }, words.concat(new Array(10).fill(0)))).toEqual({
      fault: 'moved',
    });
    expect(decodeModel({ ...place(words), length: 49 }, words)).toEqual({ fault: 'moved' });
    expect(decodeModel(place(words), words.slice(0, 51))).toEqual({ fault: 'short' });
    expect(decodeModel({ ...place(words), id: 64_001 }, words)).toEqual({ fault: 'unknown' });
  });

  it('end at the hole of a device that has one', () => {
    const words = encodeModel(modelOf(123)!, { WMaxLimPct: 70, WMaxLimPct_SF: 0, Conn: 1 });
    const fields = decoded(words.slice(0, 6), { ...place(words), readable: 6 }).fields;
    expect(fields['Conn']).toEqual({ value: 1 });
    // the number lies before the hole, what scales it behind
    expect(fields['WMaxLimPct']).toEqual({ value: null, reason: 'hole' });
    expect(fields['WMaxLim_Ena']).toEqual({ value: null, reason: 'hole' });
  });

  it('of trackers come one block for each, under the scale factors before them', () => {
    const words = encodeModel(modelOf(160)!, { DCA_SF: -3, DCV_SF: -1, DCW_SF: 0, N: 3 }, [
      { ID: 1, IDStr: 'MPPT 1', DCA: 7.701, DCV: 714, DCW: 5498 },
      { ID: 2, IDStr: 'StCha 2', DCA: 0, DCV: 549.2, DCW: 0 },
      { ID: 3 },
    ]);
    const { blocks } = decoded(words);
    expect(blocks).toHaveLength(3);
    expect(blocks[0]).toMatchObject({ IDStr: { value: 'MPPT 1' }, DCA: { value: 7.701 }, DCV: { value: 714 } });
    expect(blocks[1]).toMatchObject({ DCW: { value: 0 }, DCWH: { value: null, reason: 'not-accumulated' } });
    expect(blocks[2]).toMatchObject({ DCW: { value: null, reason: 'not-implemented' } });
  });

  it('come out as they went in, for every model', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        fc.integer({ min: -6, max: 6 }),
        fc.nat(),
        (definition, exponent, seed) => {
          let state = seed + 1;
          const next = (): number => (state = (state * 48_271) % 2_147_483_647);
          const factors = Object.fromEntries(
            definition.fields.filter(({ type }) => type === 'sunssf').map(({ name }) => [name, exponent]),
          );
          const values = someValues(next, definition.fields, factors);
          const blocks = definition.block === undefined ? [] : [someValues(next, definition.block.fields, factors)];
          const model = decoded(encodeModel(definition, values, blocks));
          const plain = (fields: Decoded['fields']): unknown =>
            Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
          expect(plain(model.fields)).toEqual(values);
          expect(model.blocks.map(plain)).toEqual(blocks);
        },
      ),
    );
  });

  it('of any registers are numbers or null with a reason', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 200 }),
        (definition, noise) => {
          const words = [definition.id, noise.length, ...noise];
          const { fields, blocks } = decoded(words);
          for (const value of [fields, ...blocks].flatMap((each) => Object.values(each))) {
            if (value.value === null) expect(value.reason).toMatch(/./);
            else if (typeof value.value === 'number') expect(Number.isFinite(value.value)).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a write', () => {
  const storage = encodeModel(modelOf(124)!, {
    ...{ WChaMax: 12_800, WChaMax_SF: 0, StorCtl_Mod: 0, OutWRte: 100, InWRte: 100, InOutWRte_SF: -2 },
    ...{ MinRsvPct: 5, MinRsvPct_SF: -2, WChaDisChaGra_SF: 0 },
  });

  it('of both rates is one, in the scale of the device, and says what it rounds to', () => {
    expect(encodeWrite(place(storage), storage, { OutWRte: 33.333, InWRte: -33.333 })).toEqual({
      address: 40_069 + 12,
      words: [3333, 0x10000 - 3333],
      values: { OutWRte: 33.33, InWRte: -33.33 },
    });
  });

  it.each([
    ['leaves out a field between', { StorCtl_Mod: 3, OutWRte: 10 }],
    ['goes to what can only be read', { ChaState: 50 }],
    ['goes to what is not there', { Nothing: 1 }],
    ['asks nothing', {}],
    ['does not fit', { OutWRte: 400 }],
    ['would say "not implemented"', { InOutWRte_RvrtTms: 65_535 }],
    ['is no number', { OutWRte: NaN }],
    ['has no scale factor', { VAChaMax: 1000 }],
  ])('that %s is refused', (_, values: Record<string, number>) => {
    expect(() => encodeWrite(place(storage), storage, values)).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }),
    );
  });

  it('after the model has moved is refused', () => {
    const words = storage.with(0, 113);
    expect(() => encodeWrite(place(storage), words, { StorCtl_Mod: 3 })).toThrow(/walk the chain again/);
  });
});
