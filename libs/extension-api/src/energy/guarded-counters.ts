import { describeError } from '@smx-edge/model';
import type { SmxContext } from '../context.js';
import { CounterGuard, type CounterChange, type CounterReading, type CounterState } from './counter-guard.js';

/** That a counter began anew, and from what it goes on. */
export interface CounterNews {
  readonly change: CounterChange;
  /** As the device shows it, Wh: before, and now. */
  readonly from: number;
  readonly to: number;
}

type CounterBox = Pick<SmxContext, 'state' | 'log' | 'every' | 'onStop'>;
type Kept = Readonly<Record<string, CounterState>>;

const KEY = 'counters';
/** Each keeping is an fsync; what a device counts it knows itself. */
const KEEP = '15m';

/** The guards of all counters of an instance, kept over restarts. */
export class GuardedCounters {
  private readonly guards = new Map<string, CounterGuard>();
  private isDirty = false;

  private constructor(
    private readonly box: CounterBox,
    kept: Kept,
    private readonly onChange: (name: string, news: CounterNews) => void,
  ) {
    for (const [name, state] of Object.entries(kept)) this.guards.set(name, new CounterGuard(state));
  }

  /** `onChange` hears of each counter that began anew, once. */
  static async load(box: CounterBox, onChange: (name: string, news: CounterNews) => void): Promise<GuardedCounters> {
    const counters = new GuardedCounters(box, (await box.state.get<Kept>(KEY)) ?? {}, onChange);
    box.every(KEEP, () => counters.keep());
    box.onStop(() => counters.keep());
    return counters;
  }

  /** Wh, never less than before; undefined before the first reading. `undefined` for a reading: the device shows none now. */
  take(name: string, reading: CounterReading | undefined): number | undefined {
    const guard = this.guards.get(name) ?? new CounterGuard();
    if (reading === undefined) return guard.value;
    this.guards.set(name, guard);
    const from = guard.state?.last;
    const taken = guard.take(reading);
    this.isDirty ||= guard.state?.last !== from;
    if (taken?.change !== undefined) {
      this.onChange(name, { change: taken.change, from: from ?? 0, to: reading.value });
      void this.keep();
    }
    return taken?.value;
  }

  private async keep(): Promise<void> {
    if (!this.isDirty) return;
    this.isDirty = false;
    const states = [...this.guards].flatMap(([name, { state }]) =>
      state === undefined ? [] : [[name, state] as const],
    );
    try {
      await this.box.state.set(KEY, Object.fromEntries(states));
    } catch (error) {
      this.isDirty = true;
      this.box.log.warn('counters could not be kept', { error: describeError(error) });
    }
  }
}
