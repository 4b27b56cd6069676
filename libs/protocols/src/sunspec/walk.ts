import type { Registers } from './field.js';
import type { ModelPlace } from './model.js';
import { HEAD_REGISTERS } from './models/definition.js';

/** Holding registers from `address`, counted from 0. */
export interface RegisterRange {
  readonly address: number;
  readonly count: number;
}

/** Why a chain is at its end: as it should be, or since the device answered no further or with what cannot be. */
export type ChainEnd = 'end-model' | 'no-answer' | 'no-length' | 'beyond' | 'too-many';

/** The models of one unit in their order; ids may come more than once, each common block begins another part of the device. */
export interface Chain {
  /** Of the marker `SunS`. */
  readonly base: number;
  readonly models: readonly ModelPlace[];
  readonly end: ChainEnd;
}

/** Where a device may have its marker (SunSpec Information Model Specification V1.2, device location). */
const BASES: readonly number[] = [40_000, 50_000, 0];
const MARKER: readonly number[] = [0x5375, 0x6e53];
const END_MODEL = 0xffff;
const MOST_MODELS = 100;
const REGISTERS = 65_536;

/**
 * Finds the models of one unit: asks for `next` until there is none, then `chain` has what was found, or is undefined where the
 * unit is no SunSpec device. A device that has no end model ends with its last answer.
 */
export class ChainWalk {
  private base = 0;
  private at: number | undefined;
  private readonly models: ModelPlace[] = [];
  private end: ChainEnd | undefined;

  constructor(private readonly bases: readonly number[] = BASES) {}

  get next(): RegisterRange | undefined {
    if (this.end !== undefined) return undefined;
    if (this.at !== undefined) return { address: this.at, count: HEAD_REGISTERS };
    const address = this.bases[this.base];
    return address === undefined ? undefined : { address, count: MARKER.length };
  }

  get chain(): Chain | undefined {
    if (this.end === undefined) return undefined;
    return { base: this.bases[this.base]!, models: this.models, end: this.end };
  }

  /** The registers of `next`, or undefined where the device answers with an exception or not at all. */
  answer(words: Registers | undefined): void {
    if (this.next === undefined) return;
    const got = words !== undefined && words.length >= HEAD_REGISTERS ? words : undefined;
    if (this.at !== undefined) this.head(this.at, got);
    else if (MARKER.every((word, i) => got?.[i] === word)) this.at = this.bases[this.base]! + MARKER.length;
    else this.base++;
  }

  private head(address: number, words: Registers | undefined): void {
    if (words === undefined) {
      this.end = 'no-answer';
      return;
    }
    const [id, length] = [words[0]!, words[1]!];
    const after = address + HEAD_REGISTERS + length;
    if (id === END_MODEL) this.end = 'end-model';
    else if (length === 0) this.end = 'no-length';
    else if (after > REGISTERS) this.end = 'beyond';
    else {
      this.models.push({ id, address, length });
      if (this.models.length === MOST_MODELS) this.end = 'too-many';
      else if (after + HEAD_REGISTERS > REGISTERS) this.end = 'beyond';
      else this.at = after;
    }
  }
}
