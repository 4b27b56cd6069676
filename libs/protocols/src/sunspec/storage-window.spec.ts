import fc from 'fast-check';
import { encodeModel, type ModelValues, type RegisterWrite } from './encode.js';
import { decodeModel } from './model.js';
import { modelOf } from './models/index.js';
import { planWindow, storageWindow, type StorageWindow } from './storage-window.js';

const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };
const NAMES = ['StorCtl_Mod', 'OutWRte', 'InWRte'] as const;

const registers = (values: ModelValues = {}): number[] =>
  encodeModel(modelOf(124)!, { WChaMax: 10_000, WChaMax_SF: 0, InOutWRte_SF: -2, ...AUTOMATIC, ...values });
const place = (words: readonly number[]): { id: number; address: number; length: number } => ({
  id: 124,
  address: 40_303,
  length: words[1]!,
});
const plan = (words: readonly number[], window: StorageWindow): ReturnType<typeof planWindow> =>
  planWindow(place(words), words, window);

/** What the registers of a device are after a write. */
const written = (words: readonly number[], { address, words: by }: RegisterWrite): number[] =>
  by.reduce((after, word, i) => after.with(address - 40_303 + i, word), [...words]);

function state(words: readonly number[]): Record<(typeof NAMES)[number], number> {
  const model = decodeModel(place(words), words);
  if ('fault' in model) throw new Error(model.fault);
  return Object.fromEntries(NAMES.map((name) => [name, model.fields[name]!.value])) as ReturnType<typeof state>;
}

/** Bounds in percent, as the manual reads the registers: a bound that is off is the store's own. */
function bounds(words: readonly number[]): { least: number; most: number } {
  const { StorCtl_Mod, OutWRte, InWRte } = state(words);
  return { least: StorCtl_Mod & 2 ? -OutWRte : -100, most: StorCtl_Mod & 1 ? InWRte : 100 };
}

const watts = fc.integer({ min: -12_000, max: 12_000 });
const someWindow: fc.Arbitrary<StorageWindow> = fc
  .tuple(watts, watts)
  .chain(([a, b]) =>
    fc.constantFrom(
      {},
      { least: a },
      { most: b },
      { least: a, most: a },
      { least: Math.min(a, b), most: Math.max(a, b) },
    ),
  );
/** As another controller may have left a device. */
const someState = fc
  .record({ StorCtl_Mod: fc.nat(3), OutWRte: fc.integer({ min: -100, max: 100 }), InWRte: fc.nat(100) })
  .filter(({ OutWRte, InWRte }) => -InWRte <= OutWRte);

describe('the window of a store', () => {
  it.each([
    ['automatic', {}, { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 }],
    ['no discharge', { least: 0 }, { StorCtl_Mod: 2, OutWRte: 0, InWRte: 100 }],
    ['no charge', { most: 0 }, { StorCtl_Mod: 1, OutWRte: 100, InWRte: 0 }],
    ['hold', { least: 0, most: 0 }, { StorCtl_Mod: 3, OutWRte: 0, InWRte: 0 }],
    ['limits of both', { least: -4000, most: 3000 }, { StorCtl_Mod: 3, OutWRte: 40, InWRte: 30 }],
    ['a set-point that discharges', { least: -2500, most: -2500 }, { StorCtl_Mod: 3, OutWRte: 25, InWRte: -25 }],
    ['a set-point that charges', { least: 2500, most: 2500 }, { StorCtl_Mod: 3, OutWRte: -25, InWRte: 25 }],
    ['charge at least', { least: 2000 }, { StorCtl_Mod: 2, OutWRte: -20, InWRte: 100 }],
  ])('is written for %s as the manual has it', (_, window: StorageWindow, expected) => {
    const held = registers({ StorCtl_Mod: 3, OutWRte: -77, InWRte: 88 });
    const after = plan(held, window).writes.reduce(written, held);
    expect(state(after)).toEqual(expected);
    expect(storageWindow(place(after), after)).toEqual(window);
    expect(plan(after, window).writes).toEqual([]);
  });

  it('is neither invalid nor looser than before and after, whatever is written after what', () => {
    fc.assert(
      fc.property(
        someState,
        fc.array(someWindow, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(-2, -1, 0),
        (left, windows, scale) => {
          let words = registers({ ...left, InOutWRte_SF: scale, WChaMax: 9973 });
          for (const window of windows) {
            const { writes, window: reached } = plan(words, window);
            const before = bounds(words);
            const after = bounds(writes.reduce(written, words));
            for (const write of writes) {
              words = written(words, write);
              const { OutWRte, InWRte } = state(words);
              const now = bounds(words);
              expect(-InWRte).toBeLessThanOrEqual(OutWRte);
              expect(now.least).toBeGreaterThanOrEqual(Math.min(before.least, after.least));
              expect(now.least).toBeLessThanOrEqual(Math.max(before.least, after.least));
              expect(now.most).toBeGreaterThanOrEqual(Math.min(before.most, after.most));
              expect(now.most).toBeLessThanOrEqual(Math.max(before.most, after.most));
            }
            expect(storageWindow(place(words), words)).toEqual(reached);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps forbidding discharge until charging is forbidden, where the one takes the place of the other', () => {
    const words = registers({ StorCtl_Mod: 2, OutWRte: 0 });
    expect(plan(words, { most: 0 }).writes.map(({ values }) => values)).toEqual([
      { OutWRte: 0, InWRte: 0 },
      { StorCtl_Mod: 1 },
      { OutWRte: 100, InWRte: 0 },
    ]);
  });

  it('says what a store reaches of what it was asked', () => {
    expect(plan(registers(), { least: 30_000, most: 30_000 }).window).toEqual({ least: 10_000, most: 10_000 });
    expect(plan(registers({ InOutWRte_SF: 0 }), { most: 1234 }).window).toEqual({ most: 1200 });
  });

  it.each([
    ['that cannot be', registers(), { least: 1, most: 0 }],
    ['that is no number', registers(), { most: NaN }],
    ['of a device without WChaMax', registers({ WChaMax: null }), { most: 0 }],
    ['of a device whose WChaMax is 0', registers({ WChaMax: 0 }), { most: 0 }],
    ['of a device without rates', registers({ OutWRte: null }), { most: 0 }],
    ['of rates without their scale', registers({ InOutWRte_SF: null }), { most: 0 }],
    ['of a model that has moved', registers().with(0, 103), { most: 0 }],
  ])('%s is refused, and nothing written', (_, words, window: StorageWindow) => {
    expect(() => planWindow({ id: 124, address: 40_303, length: 24 }, words, window)).toThrow(
      expect.objectContaining({ code: 'SMX_PROTOCOL_ENCODE' }),
    );
  });
});
