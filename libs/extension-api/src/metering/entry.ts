/** What a meter wrote down of something that happened. */
export interface Entry {
  /** ms UTC, by the meter's clock. */
  readonly t: number;
  /** The meter's number for what happened; undefined where it gives none. */
  readonly number: number | undefined;
  /** What else stands in the row, by OBIS code, of an attribute other than the second with `/N`. Scaled numbers as decimal text. */
  readonly values: Readonly<Record<string, string | null>>;
  /** The row as it stands, hexadecimal, where it is none of this log. */
  readonly bytes?: string;
  /** How many entries before it in the log are the same in all of this. */
  readonly nth: number;
}

export interface Entries {
  readonly entries: readonly Entry[];
  /** Rows that were left out because they are not as they should be, or their clock is no time. */
  readonly timeless: number;
}

/** Numbers entries that are the same in all else, in their order, so that each is told. */
export class EntryCount {
  private readonly same = new Map<string, number>();

  number(entry: Omit<Entry, 'nth'>): Entry {
    const key = JSON.stringify(entry);
    const nth = this.same.get(key) ?? 0;
    this.same.set(key, nth + 1);
    return { ...entry, nth };
  }
}
