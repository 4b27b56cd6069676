const MINUTE = 60_000;
/** Length of the windows that outlive all others, ms. */
export const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Windows of one length, and how they are stored: those of a span of time are one row per point. */
export interface Resolution {
  /** As gap records and events name it. */
  readonly name: '1m' | '15m';
  /** Table of `history.db`, and its column of the number of the span. */
  readonly table: 'minutes' | 'quarters';
  readonly key: 'hour' | 'day';
  /** Length of a window, and of a span, ms; spans are counted from 1970, UTC. */
  readonly every: number;
  readonly span: number;
  /** Bytes that a row takes beside its windows, to be counted where there are many. */
  readonly rowCost: number;
  /** Whether sums are rid of what adding decimals leaves behind them, and so take a third of the space. */
  readonly tidy: boolean;
  /** What the CRC of a row begins with, so that a row of another table is none of this. */
  readonly salt: number;
}

export const MINUTES: Resolution = {
  ...{ name: '1m', table: 'minutes', key: 'hour' },
  ...{ every: MINUTE, span: HOUR, rowCost: 46, tidy: true, salt: 0x6d696e },
};

/** Made of samples that are there still, their answers are those of the samples to the last bit. */
export const QUARTERS: Resolution = {
  ...{ name: '15m', table: 'quarters', key: 'day' },
  ...{ every: QUARTER, span: DAY, rowCost: 0, tidy: false, salt: 0 },
};

/** Number of the span whose windows hold `t`, ms UTC: a window that ends with a span belongs to that one. */
export const spanOf = (t: number, { span }: Resolution): number => Math.ceil(t / span) - 1;
