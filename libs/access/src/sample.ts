import { GOOD, SUBSTITUTED, UNCERTAIN, type PointDefinition, type PointValue, type Reading } from '@smx-edge/model';

export type OtherValue = string | readonly number[] | null;

/** One value on its way through the stages of a form; stages reuse theirs, so that a sample costs no allocation. */
export class Sample {
  /** Value of number, time and boolean (0, 1) points; NaN = null. */
  number = NaN;
  /** Value of texts and lists. */
  other: OtherValue = null;
  t = 0;
  /** When it was true on the clock of the box: receive time, for windows their end. A delay counts from here. */
  asOf = 0;
  /** Start of the time it stands for: for windows their start, else as `asOf`. */
  start = 0;
  received = 0;
  quality = GOOD;
  reason: string | undefined = undefined;

  copy(from: Sample): void {
    this.number = from.number;
    this.other = from.other;
    this.t = from.t;
    this.asOf = from.asOf;
    this.start = from.start;
    this.received = from.received;
    this.quality = from.quality;
    this.reason = from.reason;
  }

  /** Takes a reading as the live table gives it. */
  take(reading: Reading): void {
    const { value } = reading;
    this.number = typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : NaN;
    this.other = typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : null;
    this.t = reading.t;
    this.asOf = reading.received;
    this.start = reading.received;
    this.received = reading.received;
    this.quality = reading.quality;
    this.reason = reading.reason;
  }

  /** Whether there is a value that may enter a window. */
  get isUsable(): boolean {
    const { quality } = this;
    if (quality !== GOOD && quality !== UNCERTAIN && quality !== SUBSTITUTED) return false;
    return this.other !== null || !Number.isNaN(this.number);
  }

  value(definition: PointDefinition): PointValue {
    if (definition.type === 'string' || definition.type === 'numbers') return this.other;
    if (Number.isNaN(this.number)) return null;
    return definition.type === 'boolean' ? this.number === 1 : this.number;
  }

  reading(definition: PointDefinition): Reading {
    const { t, received, quality, reason } = this;
    const value = this.value(definition);
    return reason === undefined ? { value, t, received, quality } : { value, t, received, quality, reason };
  }
}
