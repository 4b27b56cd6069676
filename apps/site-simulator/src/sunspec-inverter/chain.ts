import { encodeModel, modelOf, type ModelPlace } from '@smx-edge/protocols/sunspec';
import { autoScaled } from './auto-scale.js';
import type { Measured } from './inverter-models.js';

/** One model of a chain, with its id first. */
export interface PlacedModel extends ModelPlace {
  readonly words: readonly number[];
}

const MARKER = [0x5375, 0x6e53];
const END = [0xffff, 0];
const COMMON = 1;

export interface ChainShape {
  readonly base: number;
  /** The common model ends with its pad. */
  readonly hasPad: boolean;
  readonly hasEnd: boolean;
  /** Moving scale factors are coarser by so many powers of ten than they need be. */
  readonly coarser: number;
}

/** Registers of a unit: the marker at `base`, its models behind each other, and the end model where it has one. */
export class SunSpecChain {
  readonly models: readonly PlacedModel[];
  private readonly words: number[];

  constructor(
    private readonly shape: ChainShape,
    models: readonly (readonly [id: number, measured: Measured])[],
  ) {
    const words = [...MARKER];
    this.models = models.map(([id, measured]) => {
      const encoded = encodedModel(id, measured, shape);
      const place = { id, address: shape.base + words.length, length: encoded[1]!, words: encoded };
      words.push(...encoded);
      return place;
    });
    if (shape.hasEnd) words.push(...END);
    this.words = words;
  }

  /** Puts other registers in the place of a model. */
  spoil({ address, words }: Pick<PlacedModel, 'address' | 'words'>): void {
    this.words.splice(address - this.shape.base, words.length, ...words);
  }

  /** Undefined where one of them is none of the chain's. */
  read(address: number, count: number): number[] | undefined {
    const from = address - this.shape.base;
    return from < 0 || from + count > this.words.length ? undefined : this.words.slice(from, from + count);
  }
}

function encodedModel(id: number, { values, blocks }: Measured, { hasPad, coarser }: ChainShape): number[] {
  const definition = modelOf(id)!;
  const words = encodeModel(definition, autoScaled(definition, { values, blocks }, coarser), blocks);
  // its pad is the last register
  return id === COMMON && !hasPad ? [id, definition.length - 1, ...words.slice(2, -1)] : words;
}
