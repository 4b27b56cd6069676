import { isSmxError, SmxError } from '@smx-edge/model';
import type { Decoded, RegisterWrite } from '@smx-edge/protocols/sunspec';
import { isModbusException } from '../../modbus/types.js';
import type { SetpointAnswer } from '../../setpoint.js';
import type { ModelRead, SunSpecUnit } from '../sunspec-unit.js';
import type { HoldBook } from './hold-book.js';
import type { HoldRules } from './hold-rules.js';
import { shows, statesOf, valuesOf, type Values } from './hold-state.js';
import { refusalOf } from './refusal.js';
import type { WritePace } from './write-pace.js';

/** Reads after a write, and ms between them: what was taken is to be seen within a second (SunSpec Inverter Controls 1.2). */
const LOOKS = 3;
const BETWEEN = 400;
/** Longest that giving back waits for its record, ms: an instance whose host is gone has two seconds, and no disk. */
const FOR_RECORD = 500;
/** Exceptions that speak of a register and not of the device: no such one, or not this value. */
const NOT_THIS: ReadonlySet<number> = new Set([2, 3]);

/**
 * What the registers show after a write:
 * - `held`: what was wanted; `elsewhere`: something else; `unmoved`: what stood there before
 * - `unread`: they were written and could not be read since
 * - `free`: nobody holds anything; `foreign`: what stands there is of somebody else, and was left alone
 */
export type HoldResult =
  | { readonly kind: 'held' | 'elsewhere' | 'unmoved'; readonly model: Decoded }
  | { readonly kind: 'free' | 'foreign'; readonly model?: Decoded | undefined }
  | { readonly kind: 'unread'; readonly model?: undefined }
  | { readonly kind: 'refused'; readonly answer: SetpointAnswer; readonly model?: undefined };

export interface RegisterHoldOptions {
  readonly unit: SunSpecUnit;
  readonly book: HoldBook;
  readonly pace: WritePace;
}

/**
 * Values of one device in our hand: written upon a fresh read in an order in which nothing invalid ever stands there, read back,
 * and given back only where they are still ours. Nothing is put there before the record of it is on disk.
 */
export class RegisterHold<Wish> {
  constructor(
    private readonly rules: HoldRules<Wish>,
    private readonly o: RegisterHoldOptions,
  ) {}

  /** Something was put there, by this process or one before it, that is not back yet. */
  get isOpen(): boolean {
    return this.o.book.record !== undefined;
  }

  /** Whether a read of the model shows what was put there. */
  isOurs(model: Decoded): boolean {
    const ours = this.o.book.record?.ours ?? [];
    // a state of nothing would be that of any device
    return ours.some((state) => Object.keys(state).length > 0 && shows(model, state));
  }

  /**
   * Puts a value there, for `revert` s until the device ends it where nobody refreshes it; 0 = its timer is not used. Faults of the
   * device are results; it rejects with what is none.
   */
  async put(wish: Wish, revert: number): Promise<HoldResult> {
    const { rules } = this;
    try {
      const read = await this.fresh();
      const writes = rules.plan(read, wish, revert);
      const before = valuesOf(read.model, rules.fields);
      const states = statesOf(before, writes, rules.fields);
      const marks = rules.marks(wish);
      await this.remember(read.model, { states, marks });
      await this.setTimer(read, revert);
      if (writes.length === 0) return { kind: 'held', model: read.model };
      return await this.write(writes, { before, wanted: states.at(-1) ?? before, marks });
    } catch (error) {
      return { kind: 'refused', answer: refusalOf(error) };
    }
  }

  /** Takes back what was put there. What others put there meanwhile stays. */
  async free(): Promise<HoldResult> {
    const { rules, o } = this;
    const { record } = o.book;
    if (record === undefined) return { kind: 'free' };
    const { found } = record;
    try {
      const read = await this.fresh();
      if (!this.isOfUs(read.model)) {
        await o.book.clear();
        return { kind: rules.isFree(read.model, found) ? 'free' : 'foreign', model: read.model };
      }
      const writes = rules.free(read, found);
      const before = valuesOf(read.model, rules.fields);
      const states = statesOf(before, writes, rules.fields);
      await this.ownOnTheWay(states.slice(0, -1));
      const wanted = states.at(-1) ?? before;
      const result = await this.write(writes, { before, wanted, marks: rules.fields });
      if (result.kind === 'unread')
        throw new SmxError('SMX_MODBUS_TIMEOUT', 'the device was written to and does not show since what stands there');
      if (result.kind !== 'held' && !(result.model !== undefined && rules.isFree(result.model, found))) return result;
      await o.book.clear();
      return { kind: 'free', model: result.model };
    } catch (error) {
      return { kind: 'refused', answer: refusalOf(error) };
    }
  }

  /** Has the device count anew the time, `revert` s, after which it ends by itself what is ours. Rejects with the fault of the device. */
  async refresh(revert: number): Promise<void> {
    const { rules, o } = this;
    if (revert === 0 || !this.isOpen) return;
    const read = await this.fresh();
    if (!this.isOurs(read.model)) return;
    for (const write of rules.refresh(read, revert)) await o.unit.write(write);
    o.pace.wrote();
  }

  /** Whether what stands there came about by us: what was put there, or what its timer has left of it. */
  private isOfUs(model: Decoded): boolean {
    const { record } = this.o.book;
    return record !== undefined && (this.isOurs(model) || this.rules.isEnded(model, record.ours));
  }

  private async fresh(): Promise<ModelRead> {
    const { model } = this.rules;
    const read = await this.o.unit.fresh(model);
    if (read === undefined)
      throw new SmxError('SMX_PROTOCOL_ENCODE', `the device has no model ${model} any more, so it is not written`);
    // zeros would pass for a timer that ran out, and the record of what is to be put back would be given up
    if (read.model.isBlank === true)
      throw new SmxError('SMX_PROTOCOL_ENCODE', `the device fills model ${model} with one word, as one that its gateway does not reach; it is written once it shows values`); // prettier-ignore
    return read;
  }

  /** Before the first register is written: whatever ends this process, the next one knows what is ours. */
  private async remember(
    model: Decoded,
    { states, marks }: { readonly states: readonly Values[]; readonly marks: readonly string[] },
  ): Promise<void> {
    const { rules, o } = this;
    const { record } = o.book;
    const before = valuesOf(model, rules.fields);
    const kept = this.isOfUs(model) ? record : undefined;
    const all = kept === undefined && states.length > 0 ? states : [before, ...states];
    await o.book.keep({
      found: kept?.found ?? { ...before, ...valuesOf(model, rules.kept) },
      ours: marksOf(all, marks),
    });
  }

  /** The device's own timer; one that it has and does not let be set is done without. */
  private async setTimer(read: ModelRead, revert: number): Promise<void> {
    const { rules, o } = this;
    const timer = revert === 0 ? undefined : rules.timer(read, revert);
    if (timer === undefined) return;
    try {
      await o.unit.write(timer);
      o.pace.wrote();
    } catch (error) {
      if (!(isModbusException(error) && NOT_THIS.has(error.exception))) throw error;
    }
  }

  /** Each write once: where an answer is lost, the reads after it say whether it was taken. */
  private async write(
    writes: readonly RegisterWrite[],
    { before, wanted, marks }: { readonly before: Values; readonly wanted: Values; readonly marks: readonly string[] },
  ): Promise<HoldResult> {
    const { unit, pace } = this.o;
    let fault: SmxError | undefined;
    try {
      for (const write of writes) {
        pace.wrote();
        await unit.write(write);
      }
    } catch (error) {
      if (!isSmxError(error)) throw error;
      fault = error;
    }
    const model = await this.look(wanted, isModbusException(fault) ? 1 : LOOKS);
    if (model !== undefined && shows(model, wanted)) return { kind: 'held', model };
    const isMoved = model !== undefined && !shows(model, before);
    // cut short or cut to what the device allows: it is of our making
    if (isMoved) await this.own(valuesOf(model, marks));
    if (fault !== undefined) throw fault;
    if (model === undefined) return { kind: 'unread' };
    return { kind: isMoved ? 'elsewhere' : 'unmoved', model };
  }

  /** Reads until what is wanted shows; the last that was read, undefined where nothing could be. */
  private async look(wanted: Values, looks: number): Promise<Decoded | undefined> {
    let seen: Decoded | undefined;
    for (let i = 0; i < looks; i++) {
      if (i > 0) await this.o.pace.rest(BETWEEN);
      try {
        seen = (await this.fresh()).model;
      } catch (error) {
        if (!isSmxError(error)) throw error;
        continue;
      }
      if (shows(seen, wanted)) break;
    }
    return seen;
  }

  /** The way back may be cut short as well, and what stands there then is of our making; a box that keeps nothing does not hold it up. */
  private async ownOnTheWay(states: readonly Values[]): Promise<void> {
    await this.o.pace.within(FOR_RECORD, this.own(...states));
  }

  private async own(...states: readonly Values[]): Promise<void> {
    const { book } = this.o;
    const { record } = book;
    if (record !== undefined) await book.keep({ ...record, ours: marksOf([...record.ours, ...states]) });
  }
}

/** Each state once, by these of its fields; all unless given. */
function marksOf(states: readonly Values[], marks?: readonly string[]): Values[] {
  const texts = states.map((state) =>
    JSON.stringify(Object.fromEntries(Object.entries(state).filter(([name]) => marks?.includes(name) ?? true))),
  );
  return [...new Set(texts)].map((text) => JSON.parse(text) as Values);
}
