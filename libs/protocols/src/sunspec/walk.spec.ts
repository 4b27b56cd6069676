import fc from 'fast-check';
import { encodeModel } from './encode.js';
import type { ModelPlace } from './model.js';
import { COMMON } from './models/common.js';
import { modelOf } from './models/index.js';
import { HoleSearch, joined, rangesOf } from './reading.js';
import { ChainWalk, type Chain, type RegisterRange } from './walk.js';

const MARKER = [0x5375, 0x6e53];
const END = [0xffff, 0];

/** Registers of a device from an address on; what is not there is answered with an exception. */
class Device {
  readonly registers = new Map<number, number>();
  asked = 0;

  constructor(base: number, ...parts: readonly (readonly number[])[]) {
    for (const [i, word] of parts.flat().entries()) this.registers.set(base + i, word);
  }

  read({ address, count }: RegisterRange): number[] | undefined {
    this.asked++;
    const words = Array.from({ length: count }, (_, i) => this.registers.get(address + i));
    return words.every((word) => word !== undefined) ? words : undefined;
  }

  chain(bases?: readonly number[]): Chain | undefined {
    const walk = new ChainWalk(bases);
    for (let next = walk.next; next !== undefined; next = walk.next) walk.answer(this.read(next));
    return walk.chain;
  }
}

const common66 = encodeModel(COMMON, { Mn: 'Maker', SN: '1' });
const common65 = [1, 65, ...common66.slice(2, 67)];
const inverter = encodeModel(modelOf(103)!, { W: 1200, W_SF: 0 });
const meter = encodeModel(modelOf(203)!, { W: -300, W_SF: 0 });
const ids = (chain: Chain | undefined): number[] | undefined => chain?.models.map(({ id }) => id);

describe('a chain of models', () => {
  it.each([40_000, 50_000, 0])('is found at %d, with a common block of 65 or 66 registers', (base) => {
    for (const common of [common65, common66]) {
      const chain = new Device(base, MARKER, common, inverter, END).chain()!;
      expect(chain).toMatchObject({ base, end: 'end-model' });
      expect(chain.models).toEqual([
        { id: 1, address: base + 2, length: common[1] },
        { id: 103, address: base + 2 + common.length, length: 50 },
      ]);
    }
  });

  it('is not found in a device that has registers but no marker, nor in one that answers nothing', () => {
    expect(new Device(39_990, new Array<number>(100).fill(0)).chain()).toBeUndefined();
    expect(new Device(0).chain()).toBeUndefined();
  });

  it('ends where the device stops to answer, for want of an end model', () => {
    const chain = new Device(40_000, MARKER, common66, inverter).chain();
    expect(chain).toMatchObject({ end: 'no-answer' });
    expect(ids(chain)).toEqual([1, 103]);
  });

  it('ends with a model without a length that is no end model', () => {
    expect(new Device(40_000, MARKER, common66, [0, 0], inverter).chain()).toMatchObject({ end: 'no-length' });
  });

  it('keeps several common blocks, ids that come twice and models nobody knows, each with its place', () => {
    const unknown = [64_001, 3, 7, 8, 9];
    const chain = new Device(
      40_000,
      MARKER,
      common66,
      inverter,
      unknown,
      common65,
      meter,
      common65,
      meter,
      END,
    ).chain();
    expect(ids(chain)).toEqual([1, 103, 64_001, 1, 203, 1, 203]);
    expect(new Set(chain!.models.map(({ address }) => address)).size).toBe(7);
  });

  it('stays within its bounds whatever a device answers', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.tuple(fc.nat(0xffff), fc.nat(0xffff))), { maxLength: 300 }), (answers) => {
        const walk = new ChainWalk();
        walk.answer(MARKER);
        let asked = 0;
        for (let next = walk.next; next !== undefined; next = walk.next) {
          expect(next.address + next.count).toBeLessThanOrEqual(65_536);
          walk.answer(answers[asked++ % Math.max(1, answers.length)] ?? undefined);
          expect(asked).toBeLessThanOrEqual(101);
        }
        expect(walk.chain!.models.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('the reads of a model', () => {
  const place = (id: number, length: number): ModelPlace => ({ id, address: 40_069, length });

  it('are one of the whole where that fits, head and scale factors among them', () => {
    expect(rangesOf(place(103, 50))).toEqual([{ address: 40_069, count: 52 }]);
    expect(rangesOf(place(103, 123))).toEqual([{ address: 40_069, count: 125 }]);
  });

  it('are several for a longer one, of which a change of head or scale factors between them is noticed', () => {
    const mppt = modelOf(160)!;
    const module = { DCA: 7.5, DCV: 600, DCW: 4500 };
    const image = (DCA_SF: number): number[] =>
      encodeModel(mppt, { DCA_SF, DCV_SF: 0, DCW_SF: 0, N: 7 }, new Array(7).fill(module));
    const long = place(160, 148);
    const ranges = rangesOf(long);
    expect(ranges.map(({ count }) => count)).toEqual([125, 25, 10]);
    const parts = (words: readonly number[]): number[][] =>
      ranges.map(({ address, count }) => words.slice(address - 40_069, address - 40_069 + count));
    const before = parts(image(-2));
    expect(joined(long, before)).toEqual(image(-2));
    expect(joined(long, [before[0]!, ...parts(image(-1)).slice(1)])).toEqual({ fault: 'moved' });
    expect(joined(long, before.slice(0, 2))).toEqual({ fault: 'short' });
  });

  it('find how far a device lets itself be read, in a few questions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(402), (length, given) => {
        const search = new HoleSearch(place(64_001, length));
        let asked = 0;
        const read = new Set<number>();
        for (let next = search.next; next !== undefined; next = search.next) {
          const isGiven = next.address - 40_069 + next.count <= given;
          expect(next.count).toBeLessThanOrEqual(125);
          if (isGiven) for (let i = 0; i < next.count; i++) read.add(next.address + i);
          search.answer(isGiven);
          expect(++asked).toBeLessThan(14);
        }
        const readable = Math.min(given, length + 2);
        if (readable < 2) expect(search.found).toBeUndefined();
        else if (given >= length + 2) expect(search.found).toEqual(place(64_001, length));
        else expect(search.found).toEqual({ ...place(64_001, length), readable });
        if (readable >= 2) expect(read.size).toBe(readable);
      }),
    );
  });
});
