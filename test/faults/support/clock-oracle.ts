import type { Counted } from './counting-meter.js';

/** A row of history or of the consumer's table. */
export interface TimedRow {
  readonly t: number;
  readonly count: number;
  readonly quality: string;
}

export interface ClockVerdict {
  /** Telegrams that are not there, or more than once. */
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  /** Rows with another time than that of the meter that do not say so, or with one that no clock had. */
  readonly wrong: readonly string[];
  /** Rows that were good while clocks were apart, or uncertain while they agreed. */
  readonly unsaid: readonly string[];
  /** Telegrams that are there once, under the time they have to have. */
  readonly good: number;
}

interface Clocked {
  readonly sent: ReadonlyMap<number, Counted>;
  /** Telegrams with these counts are judged. */
  readonly first: number;
  readonly last: number;
  readonly rows: readonly TimedRow[];
  /** Whether what was sent then, by the real clock, has to be there by now. */
  readonly isDue: (at: number) => boolean;
  /** What the box's clock may have been ahead of the real one between two times, ms. */
  readonly ahead: (from: number, to: number) => readonly number[];
}

/** A meter's time further than this from the box clock is not believed (contracts §3), ms. */
const TRUSTED = 600_000;
/** How late a telegram may be in the box, and how far apart clocks are read, ms. */
const LATE = 5000;
const EARLY = 500;

/** Holds the times of rows against those that meter and box had (contracts §3): the meter's, or the box's and uncertain. */
export function judgeTimes({ sent, first, last, rows, isDue, ahead }: Clocked): ClockVerdict {
  const verdict = { lost: [] as string[], twice: [] as string[], wrong: [] as string[], unsaid: [] as string[] };
  let good = 0;
  const found = new Map<number, TimedRow[]>();
  for (const row of rows) found.set(row.count, [...(found.get(row.count) ?? []), row]);
  for (let count = first; count <= last; count++) {
    const { time, at } = sent.get(count)!;
    const own = found.get(count) ?? [];
    const [row] = own;
    if (row === undefined) {
      if (isDue(at)) verdict.lost.push(`${count}`);
      continue;
    }
    const text = `${count} of ${new Date(time).toISOString()}: ${new Date(row.t).toISOString()} ${row.quality}`;
    if (own.length > 1) verdict.twice.push(text);
    const clocks = ahead(at - EARLY, at + LATE);
    const believed = clocks.map((by) => Math.abs(time - (at + by)) < TRUSTED);
    const isExact = row.t === time;
    const isReceived = clocks.some((by) => row.t > at + by - EARLY && row.t < at + by + LATE);
    if (!isExact && (!isReceived || row.quality !== 'uncertain')) verdict.wrong.push(text);
    else if (!believed.includes(isExact) || (row.quality === 'good') !== isExact) verdict.unsaid.push(text);
    else if (own.length === 1) good++;
  }
  return { ...verdict, good };
}
