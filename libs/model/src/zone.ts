/** Local wall-clock parts of an instant. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Local minus UTC, ms. */
  readonly offset: number;
}

/** A time zone of the IANA database, with the offset of the current quarter hour cached (offsets change on no finer grid). */
export class Zone {
  private readonly format: Intl.DateTimeFormat;
  private slot = NaN;
  private slotOffset = 0;

  /** Throws RangeError for an unknown zone. */
  constructor(readonly name: string) {
    this.format = new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Local minus UTC at `t` (ms UTC), in ms. */
  offset(t: number): number {
    const slot = Math.floor(t / 900_000);
    if (slot === this.slot) return this.slotOffset;
    const second = slot * 900_000;
    const part: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(second)) part[type] = Number(value);
    const local = Date.UTC(
      part['year']!,
      part['month']! - 1,
      part['day'],
      part['hour'],
      part['minute'],
      part['second'],
    );
    this.slot = slot;
    this.slotOffset = local - second;
    return this.slotOffset;
  }

  /** Whether clocks are ahead at `t` of what they are in the other half of the year. */
  isSummer(t: number): boolean {
    const year = new Date(t).getUTCFullYear();
    return this.offset(t) > Math.min(this.offset(Date.UTC(year, 0, 15)), this.offset(Date.UTC(year, 6, 15)));
  }

  local(t: number): LocalTime {
    const offset = this.offset(t);
    const date = new Date(t + offset);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      offset,
    };
  }

  /** UTC of a local wall-clock time given as if it were UTC; the first of two in the doubled hour, the later reading of a missing one. */
  utc(local: number): number {
    const before = local - this.offset(local - 86_400_000);
    const after = local - this.offset(local + 86_400_000);
    const first = Math.min(before, after);
    if (first + this.offset(first) === local) return first;
    const second = Math.max(before, after);
    return second;
  }

  /** Start of the local day (ms UTC) that holds `t`. */
  dayStart(t: number): number {
    const { year, month, day } = this.local(t);
    return this.utc(Date.UTC(year, month - 1, day));
  }
}
