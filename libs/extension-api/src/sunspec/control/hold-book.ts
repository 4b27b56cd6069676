import type { InstanceState } from '../../context.js';
import type { Values } from './hold-state.js';

/** What was put on a device, for the life that comes after a crash. */
export interface HoldRecord {
  /** What stood there before, for going back to. */
  readonly found: Values;
  /** What of ours may stand there now: each step of a write that may have been cut short is one. */
  readonly ours: readonly Values[];
}

/** The record of one hold, on disk before the first register is written, and until the registers are back. */
export class HoldBook {
  private kept: HoldRecord | undefined;

  private constructor(
    private readonly state: InstanceState,
    private readonly key: string,
  ) {}

  static async load(state: InstanceState, key: string): Promise<HoldBook> {
    const book = new HoldBook(state, key);
    book.kept = await state.get<HoldRecord>(key);
    return book;
  }

  get record(): HoldRecord | undefined {
    return this.kept;
  }

  /** Resolves once it is on disk; rejects where the box does not keep it. */
  async keep(record: HoldRecord): Promise<void> {
    if (JSON.stringify(record) === JSON.stringify(this.kept)) return;
    await this.state.set(this.key, record);
    this.kept = record;
  }

  async clear(): Promise<void> {
    if (this.kept === undefined) return;
    await this.state.set(this.key, null);
    this.kept = undefined;
  }
}
