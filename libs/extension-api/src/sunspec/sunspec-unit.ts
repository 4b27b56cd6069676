import { SmxError } from '@smx-edge/model';
import {
  ChainWalk,
  decodeModel,
  HoleSearch,
  joined,
  modelOf,
  rangesOf,
  type Chain,
  type Decoded,
  type ModelFault,
  type ModelPlace,
  type Registers,
  type RegisterWrite,
} from '@smx-edge/protocols/sunspec';
import type { ModbusUnit, RegisterBlock } from '../modbus/types.js';
import { askedTwice, registersOrNone } from './registers.js';

/** Id of what stands behind the last model, and the registers of a head (SunSpec Information Model Specification V1.2). */
const [END_MODEL, HEAD_REGISTERS] = [0xffff, 2];

/** A model with where it stands: of its id register, counted from 0. */
export interface PlacedModel extends Decoded {
  readonly address: number;
}

/** How a unit is asked. */
export interface SunSpecUnitOptions {
  /** The same unit, for requests to which silence is an answer, asked for the first or the second time. Default the unit itself. */
  readonly quick?: (time: 1 | 2) => ModbusUnit;
  /** Whether there is such a unit as far as is known: its silence is waited out. Default true. */
  readonly isExpected?: boolean;
}

/** One read of models: all of the chain that was in force for every one of them. */
export interface SunSpecReading {
  /** Another object than before where the models had moved and were looked for anew. */
  readonly chain: Chain;
  /** In the order of the chain, ids perhaps more than once; models that nobody here knows are not among them. */
  readonly models: readonly PlacedModel[];
}

/** One model from one read of it, with the registers it came from. */
export interface ModelRead {
  /** As far as the device lets it be read. */
  readonly place: ModelPlace;
  readonly words: Registers;
  readonly model: Decoded;
}

/** One unit as a SunSpec device: finds its models once, and reads them wherever they then stand. */
export class SunSpecUnit {
  private chain: Chain | undefined;
  /** What there is of models that the device does not give whole; undefined where it gives nothing of one. */
  private readonly holes = new Map<number, ModelPlace | undefined>();

  private readonly quick: (time: 1 | 2) => ModbusUnit;
  private isExpected: boolean;

  constructor(
    private readonly unit: ModbusUnit,
    { quick = () => unit, isExpected = true }: SunSpecUnitOptions = {},
  ) {
    this.quick = quick;
    this.isExpected = isExpected;
  }

  /**
   * The models of the unit, looked for where they are not known yet. Rejects with SMX_SUNSPEC_ABSENT where the unit answers and is
   * no SunSpec device, else with the fault of the link, SMX_MODBUS_TIMEOUT for a unit that does not exist.
   */
  async models(): Promise<Chain> {
    this.chain ??= await this.walk();
    return this.chain;
  }

  /**
   * Reads every model of these ids, scale factors and values of a model from one moment. Where a head is not what was found
   * there, the chain is walked again once. Rejects as `models`, and with SMX_SUNSPEC_MOVED where they do not come to rest.
   */
  async read(ids: readonly number[]): Promise<SunSpecReading> {
    for (const isLast of [false, true]) {
      const chain = await this.models();
      const models = await this.readOf(chain, ids);
      if (models !== undefined) return { chain, models };
      this.forget();
      if (isLast) break;
    }
    throw this.moved();
  }

  /**
   * Reads the first model of this id for a write that follows: where its head says that it stands, with the scale factors of now.
   * Undefined where the unit has none. Rejects as `read`.
   */
  async fresh(id: number): Promise<ModelRead | undefined> {
    for (const isLast of [false, true]) {
      const place = (await this.models()).models.find((each) => each.id === id);
      if (place === undefined) return undefined;
      const [read] = await this.registersOf([place]);
      if (read === undefined) return undefined;
      const [readable, words] = read;
      const model = 'fault' in words ? words : decodeModel(readable, words);
      if (!('fault' in words) && !('fault' in model)) return { place: readable, words, model };
      this.forget();
      if (isLast) break;
    }
    throw this.moved();
  }

  /** Writes what was encoded upon a fresh read, once. Rejects as `ModbusUnit.write`. */
  async write({ address, words }: RegisterWrite): Promise<void> {
    await this.unit.write(address, words);
  }

  /**
   * Has the models looked for anew at the next call where there are more behind the last one than were found: no read of the others
   * tells of them. Rejects as `models`.
   */
  async checkEnd(): Promise<void> {
    const { chain } = this;
    const last = chain?.models.at(-1);
    if (chain?.end !== 'end-model' || last === undefined) return;
    const head = { address: last.address + HEAD_REGISTERS + last.length, count: HEAD_REGISTERS };
    const words = await registersOrNone(() => this.unit.read(head));
    if (words?.[0] !== END_MODEL) this.forget();
  }

  /** There is such a unit: from now on its silence is waited out. */
  expect(): void {
    this.isExpected = true;
  }

  /** Has the models looked for anew at the next call. */
  forget(): void {
    this.chain = undefined;
    this.holes.clear();
  }

  private moved(): SmxError {
    return new SmxError('SMX_SUNSPEC_MOVED', `unit ${this.unit.unit}: the models moved again while they were read`);
  }

  private async walk(): Promise<Chain> {
    const walk = new ChainWalk();
    let isFound = false;
    for (let next = walk.next; next !== undefined; next = walk.next) {
      const block = next;
      // some devices end their chain with silence; at the marker silence means that there is no such unit
      const words = await registersOrNone(() =>
        isFound ? askedTwice(this.quick, block) : (this.isExpected ? this.unit : this.quick(1)).read(block),
      );
      walk.answer(words);
      isFound ||= walk.next?.address === block.address + block.count;
    }
    if (walk.chain === undefined)
      throw new SmxError(
        'SMX_SUNSPEC_ABSENT',
        `unit ${this.unit.unit} answers and has no SunSpec marker at 40000, 50000 or 0; check the unit number, and switch SunSpec on in the settings of the device`,
      );
    return walk.chain;
  }

  /** Undefined where a model is not where the chain has it. */
  private async readOf(chain: Chain, ids: readonly number[]): Promise<PlacedModel[] | undefined> {
    const places = chain.models.filter(({ id }) => ids.includes(id) && modelOf(id) !== undefined);
    const models: PlacedModel[] = [];
    for (const [place, words] of await this.registersOf(places)) {
      const decoded: Decoded | ModelFault = 'fault' in words ? words : decodeModel(place, words);
      if ('fault' in decoded) return undefined;
      models.push({ ...decoded, address: place.address });
    }
    return models;
  }

  private async registersOf(places: readonly ModelPlace[]): Promise<[ModelPlace, Registers | ModelFault][]> {
    const together = this.holes.size === 0 ? places.filter((place) => rangesOf(place).length === 1) : [];
    const blocks = together.flatMap(rangesOf);
    const words = blocks.length === 0 ? undefined : await registersOrNone(() => this.unit.readAll(blocks));
    const read: [ModelPlace, Registers | ModelFault][] = [];
    for (const place of places) {
      const at = together.indexOf(place);
      if (words !== undefined && at >= 0) read.push([place, words[at]!]);
      else {
        // the device refused something of it: each model alone, as far as it goes
        const alone = await this.alone(place);
        if (alone !== undefined) read.push(alone);
      }
    }
    return read;
  }

  private async alone(whole: ModelPlace): Promise<[ModelPlace, Registers | ModelFault] | undefined> {
    let place = this.holes.has(whole.address) ? this.holes.get(whole.address) : whole;
    if (place === undefined) return undefined;
    let parts = await this.parts(place);
    if (parts === undefined && place === whole) {
      place = await this.withoutHole(whole);
      this.holes.set(whole.address, place);
      if (place === undefined) return undefined;
      parts = await this.parts(place);
    }
    // what was given a moment ago is refused now: the layout is another
    return [place, parts === undefined ? { fault: 'moved' } : joined(place, parts)];
  }

  private async parts(place: ModelPlace): Promise<number[][] | undefined> {
    const parts: number[][] = [];
    for (const range of rangesOf(place)) {
      const words = await registersOrNone(() => this.unit.read(range));
      if (words === undefined) return undefined;
      parts.push(words);
    }
    return parts;
  }

  private async withoutHole(place: ModelPlace): Promise<ModelPlace | undefined> {
    const search = new HoleSearch(place);
    const given = async (block: RegisterBlock): Promise<boolean> =>
      (await registersOrNone(() => this.unit.read(block))) !== undefined;
    for (let next = search.next; next !== undefined; next = search.next) search.answer(await given(next));
    return search.found;
  }
}
