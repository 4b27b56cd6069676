/**
 * Why a counter went on from another number:
 * - `rollover`: it had no more room, and began at 0
 * - `reset`: it began at 0 although it had room
 * - `replaced`: it shows another number that is lower, as where a device was exchanged
 */
export type CounterChange = 'rollover' | 'reset' | 'replaced';

/** A counter as its device shows it. */
export interface CounterReading {
  /** Wh. */
  readonly value: number;
  /** What the counter can hold, Wh, at its scale factor of now; undefined where it never rolls over, as a float. */
  readonly span?: number | undefined;
  /** The smallest difference it can show, Wh. */
  readonly step: number;
}

/** What is to be kept of a counter. JSON. */
export interface CounterState {
  /** As the device showed it last, Wh. */
  readonly last: number;
  /** What is added to it, Wh. */
  readonly offset: number;
  readonly span?: number | undefined;
}

/** What a counter is worth now. */
export interface GuardedCounter {
  /** Wh; never less than before. */
  readonly value: number;
  /** Only with the reading by which it was believed. */
  readonly change?: CounterChange;
}

/** Readings in a row that must bear out what is unusual: one alone is a glitch. */
const WITNESSES = 3;
/** More than this between two readings is unusual, but not wrong, Wh: after an outage it is what flowed meanwhile. */
const JUMP = 10_000;
/** A counter that began anew shows no more than this, Wh. */
const FRESH = 10_000;
/** Share of its room that a counter must have used before it can roll over, and that it may have used behind that. */
const [FULL, EMPTY] = [0.95, 0.05];
/** Where a small negative number would stand: a counter that comes there at a jump counts nothing. */
const NEGATIVE = 0.999;
/** What a float of 32 bits cannot tell apart, as a share of it. */
const FLOAT = 2 ** -22;

/**
 * A counter that never falls, whatever its device shows: single glitches are passed over, a counter that really began anew goes on from
 * what was. Steps of any size are taken, large ones once they are borne out.
 */
export class CounterGuard {
  private last: number | undefined;
  private offset = 0;
  private span: number | undefined;
  private step = 0;
  private pending: { readonly first: number; value: number; witnesses: number } | undefined;

  constructor(saved?: CounterState) {
    if (saved === undefined) return;
    [this.last, this.offset, this.span] = [saved.last, saved.offset, saved.span];
  }

  /** Undefined before the first reading. */
  get value(): number | undefined {
    return this.last === undefined ? undefined : this.last + this.offset;
  }

  /** What to keep; undefined before the first reading. */
  get state(): CounterState | undefined {
    const { last, offset, span } = this;
    return last === undefined ? undefined : { last, offset, ...(span === undefined ? {} : { span }) };
  }

  /** Undefined where there was never a reading to believe. */
  take(reading: CounterReading): GuardedCounter | undefined {
    const { value, span } = reading;
    const { last } = this;
    const isNegative = value < 0 || (span !== undefined && value > NEGATIVE * span);
    if (last === undefined) return isNegative ? undefined : this.believe(reading);
    const rise = value - last;
    // a coarser scale factor rounds down: nothing fell
    if (rise < 0 && -rise <= Math.max(reading.step, this.step, last * FLOAT)) return this.held();
    if (rise >= 0 && rise <= JUMP) return this.believe(reading);
    if (isNegative || !this.isBorneOut(value, reading.step)) return this.shown();
    if (rise > 0) return this.believe(reading);
    return this.beginAnew(last, reading);
  }

  private beginAnew(last: number, reading: CounterReading): GuardedCounter {
    const { value, span } = reading;
    const hasRolled = span !== undefined && span === this.span && last > FULL * span && value < EMPTY * span;
    const change = hasRolled ? 'rollover' : value < FRESH ? 'reset' : 'replaced';
    if (change === 'rollover') this.offset += span!;
    else if (change === 'reset') this.offset += last;
    // what another counter had counted before is not of this site
    else this.offset += last - this.pending!.first;
    return { ...this.believe(reading), change };
  }

  private believe({ value, span, step }: CounterReading): GuardedCounter {
    [this.last, this.span, this.step, this.pending] = [value, span, step, undefined];
    return this.shown();
  }

  private held(): GuardedCounter {
    this.pending = undefined;
    return this.shown();
  }

  private shown(): GuardedCounter {
    return { value: this.last! + this.offset };
  }

  /** Whether readings in a row have told of the same other counter, which goes up by ordinary steps. */
  private isBorneOut(value: number, step: number): boolean {
    const { pending } = this;
    const isSame = pending !== undefined && value >= pending.value - step && value <= pending.value + JUMP;
    if (isSame) {
      pending.value = value;
      pending.witnesses++;
    } else this.pending = { first: value, value, witnesses: 1 };
    return this.pending!.witnesses >= WITNESSES;
  }
}
