import {
  ChainWalk,
  decodeModel,
  encodeModel,
  modelOf,
  MODELS,
  type Chain,
  type Decoded,
  type FieldDefinition,
  type RegisterRange,
} from '@smx-edge/protocols/sunspec';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs, cpuRate } from './support/cpu.js';

const ROUNDS = 5;
const IMAGES = 1_000_000;
const BASE = 40_000;
const SIZE = 140;
const NOISE = 1 << 20;

type Row = BenchRow & { readonly better: 'more' | 'less' };

/** Registers from the base on; what lies behind them is answered with an exception. */
class Image {
  readonly words = new Uint16Array(SIZE);

  read({ address, count }: RegisterRange): Uint16Array | undefined {
    const from = address - BASE;
    return from < 0 || from + count > SIZE ? undefined : this.words.subarray(from, from + count);
  }

  chain(): Chain | undefined {
    const walk = new ChainWalk();
    for (let next = walk.next; next !== undefined; next = walk.next) walk.answer(this.read(next));
    return walk.chain;
  }
}

const allOf = (words: Uint16Array, at: number, registers: number, word: number): boolean => {
  for (let i = 0; i < registers; i++) if (words[at + i] !== word) return false;
  return true;
};

/** Whether registers say "not implemented": written down here once more, since this is what is held against the decoder. */
function isNothing({ type, registers }: FieldDefinition, words: Uint16Array, at: number): boolean {
  if (type === 'int16' || type === 'sunssf') return words[at] === 0x8000;
  if (type === 'acc32' || type === 'acc64') return allOf(words, at, registers, 0);
  if (type === 'float32') return (words[at]! & 0x7f80) === 0x7f80;
  if (type === 'string') return words[at]! >> 8 === 0;
  return allOf(words, at, registers, 0xffff);
}

/** Values of a model that are no value: what is not implemented read as one, or no number at all. */
function wrongOf(model: Decoded, words: Uint16Array): number {
  const definition = modelOf(model.id)!;
  let wrong = 0;
  const look = (fields: readonly FieldDefinition[], values: Decoded['fields'], first: number): void => {
    for (const field of fields) {
      const value = values[field.name]?.value ?? null;
      if (value === null) continue;
      const isNumber = typeof value !== 'number' || Number.isFinite(value);
      if (!isNumber || isNothing(field, words, first + field.offset)) wrong++;
    }
  };
  look(definition.fields, model.fields, 0);
  for (const [i, block] of model.blocks.entries())
    look(definition.block!.fields, block, 2 + definition.length + i * definition.block!.registers);
  return wrong;
}

interface Found {
  readonly wrong: number;
  readonly slowest: number;
}

/** Random images: a marker in most, models of the map and unknown ones with right and wrong lengths, noise and patterns of nothing. */
function randomImages(): Found {
  let state = 1;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  const noise = (): number => {
    const way = random(8);
    return way === 0 ? 0x8000 : way === 1 ? 0xffff : way === 2 ? 0 : way === 3 ? random(21) - 10 : random(0x10000);
  };
  const pool = Uint16Array.from({ length: NOISE }, noise);
  const image = new Image();
  let [wrong, slowest] = [0, 0];
  for (let n = 0; n < IMAGES; n++) {
    const from = random(NOISE - SIZE);
    image.words.set(pool.subarray(from, from + SIZE));
    if (random(50) > 0) image.words.set([0x5375, 0x6e53]);
    for (let at = 2; at < SIZE - 2;) {
      const definition = MODELS[random(MODELS.length + 1)];
      const length = random(4) === 0 ? random(SIZE) : (definition?.length ?? 0) + 20 * random(3);
      image.words.set([definition?.id ?? random(0x10000), length], at);
      at += 2 + length;
    }
    const begun = cpuMs();
    for (const place of image.chain()?.models ?? []) {
      const first = place.address - BASE;
      const words = image.words.subarray(first, first + 2 + place.length);
      const model = decodeModel({ ...place, readable: words.length }, words);
      if (!('fault' in model)) wrong += wrongOf(model, words);
    }
    slowest = Math.max(slowest, cpuMs() - begun);
  }
  return { wrong, slowest };
}

async function run(): Promise<readonly Row[]> {
  const words = encodeModel(modelOf(103)!, { W: 2268.6, W_SF: -1, PhVphA: 243.4, V_SF: -1, Hz: 50.03, Hz_SF: -2 });
  const place = { id: 103, address: 40_069, length: 50 };
  const bytes = Buffer.alloc(2 * words.length);
  const decode = (): void => {
    const model = decodeModel(place, words);
    if ('fault' in model || model.fields['W']!.value !== 2268.6) throw new Error('the model was not decoded');
  };
  const figure = await medianOf(ROUNDS, () => cpuRate(decode));
  // what no reader can do without: each register taken out of the answer
  const bare = await medianOf(ROUNDS, () =>
    cpuRate(() => {
      for (let i = 0; i < bytes.length; i += 2) bytes.readUInt16BE(i);
    }),
  );
  const { wrong, slowest } = randomImages();
  const name = (what: string): string => `SunSpec: ${what}`;
  return [
    {
      name: name('model 103 decoded, beside its registers read out of the bytes'),
      ...{ figure, unit: 'models/s', target: 50_000, limit: bare, better: 'more' },
    },
    {
      name: name('values of 10⁶ random images that are none'),
      ...{ figure: wrong, unit: '', target: 0, limit: null, better: 'less' },
    },
    { name: name('the slowest of these'), figure: slowest, unit: 'ms', target: 50, limit: null, better: 'less' },
  ];
}

export const bench: Bench = { name: 'sunspec', run };
