import type { Registers } from './field.js';
import type { ModelFault, ModelPlace } from './model.js';
import { HEAD_REGISTERS } from './models/definition.js';
import { modelOf } from './models/index.js';
import type { RegisterRange } from './walk.js';

/** Most registers of one read (MODBUS Application Protocol V1.1b3 §6.3). */
const MOST = 125;

const wholeOf = (place: ModelPlace): number => place.readable ?? HEAD_REGISTERS + place.length;

/**
 * What is read of a model in each poll, in this order. A model of more than 125 registers ends with a second look at what stands
 * before its repeated blocks, so that `joined` can tell whether head and scale factors stayed what they were.
 */
export function rangesOf(place: ModelPlace): RegisterRange[] {
  const whole = wholeOf(place);
  const ranges: RegisterRange[] = [];
  for (let from = 0; from < whole; from += MOST)
    ranges.push({ address: place.address + from, count: Math.min(MOST, whole - from) });
  if (ranges.length > 1) ranges.push({ address: place.address, count: guardOf(place) });
  return ranges;
}

/** One read after another as if it had been one; `moved` where the model changed between them. */
export function joined(place: ModelPlace, parts: readonly Registers[]): Registers | ModelFault {
  const ranges = rangesOf(place);
  if (ranges.some(({ count }, i) => (parts[i]?.length ?? 0) < count)) return { fault: 'short' };
  if (ranges.length === 1) return parts[0]!;
  const guard = parts.at(-1)!;
  for (let i = 0; i < guardOf(place); i++) if (guard[i] !== parts[0]![i]) return { fault: 'moved' };
  return parts.slice(0, -1).flatMap((part) => Array.from(part));
}

function guardOf(place: ModelPlace): number {
  const block = modelOf(place.id)?.block;
  return block === undefined ? HEAD_REGISTERS : HEAD_REGISTERS + modelOf(place.id)!.length;
}

/**
 * Finds how much of a model a device lets be read, where it refuses to give it as a whole: ask for `next` until there is none.
 * Registers behind the first hole are not looked for.
 */
export class HoleSearch {
  private readable = 0;
  private refused: number;

  constructor(private readonly place: ModelPlace) {
    this.refused = HEAD_REGISTERS + place.length + 1;
  }

  get next(): RegisterRange | undefined {
    if (this.refused - this.readable <= 1) return undefined;
    // one read has its limit, and must leave out nothing that was not read yet
    const middle = Math.min(Math.floor((this.readable + this.refused) / 2), this.readable + MOST);
    const from = Math.max(0, middle - MOST);
    return { address: this.place.address + from, count: middle - from };
  }

  /** Whether the device gave the registers of `next`. */
  answer(isGiven: boolean): void {
    const { next } = this;
    if (next === undefined) return;
    const middle = next.address + next.count - this.place.address;
    if (isGiven) this.readable = middle;
    else this.refused = middle;
  }

  /** The place with what of it can be read; undefined where even its head cannot. */
  get found(): ModelPlace | undefined {
    if (this.readable < HEAD_REGISTERS) return undefined;
    return this.readable === HEAD_REGISTERS + this.place.length
      ? this.place
      : { ...this.place, readable: this.readable };
  }
}
