import { WATCHED, type Witness } from './witness.js';

/** What history or the consumer's table holds of `WATCHED`: values by `keyOf`, in the order they were found. */
export type Rows = ReadonlyMap<string, readonly unknown[]>;

export const keyOf = (t: number, path: string): string => `${t} ${path}`;

/** A time in which telegrams may be missing, since nobody was there to take them: ms UTC, of the clock of the rig. */
export interface Absence {
  readonly from: number;
  readonly to: number;
}

export interface Verdict {
  /** Values that the meter gave while all that reads was up, and the history lacks. */
  readonly unread: readonly string[];
  /** Values of the history that the table lacks. */
  readonly lost: readonly string[];
  /** Rows too many in table or history. */
  readonly twice: readonly string[];
  /** Rows that are not what the meter gave. */
  readonly wrong: readonly string[];
  /** Values that were to come, came, and are right. */
  readonly good: number;
}

interface Delivery {
  readonly witness: Pick<Witness, 'sent' | 'came'>;
  readonly history: Rows;
  readonly table: Rows;
  readonly absences: readonly Absence[];
  /** Telegrams of these times are judged, ms UTC. */
  readonly from: number;
  readonly to: number;
}

/** Holds what meter, history and table have against each other. */
export function judge({ witness, history, table, absences, from, to }: Delivery): Verdict {
  const verdict = { unread: [] as string[], lost: [] as string[], twice: [] as string[], wrong: [] as string[] };
  let good = 0;
  for (const [t, values] of witness.sent) {
    if (t < from || t > to) continue;
    const came = witness.came.get(t)!;
    for (const [i, path] of WATCHED.entries()) {
      const key = keyOf(t, path);
      const [kept, taken] = [history.get(key) ?? [], table.get(key) ?? []];
      if (kept.length === 0 && !absences.some((one) => one.from <= came && came <= one.to)) verdict.unread.push(key);
      if (kept.length > 0 && taken.length === 0) verdict.lost.push(key);
      if (kept.length > 1 || taken.length > 1) verdict.twice.push(key);
      if ([...kept, ...taken].some((value) => value !== values[i])) verdict.wrong.push(key);
      else if (kept.length === 1 && taken.length === 1) good++;
    }
  }
  for (const rows of [history, table])
    for (const key of rows.keys()) if (!witness.sent.has(Number.parseInt(key))) verdict.wrong.push(key);
  return { ...verdict, good };
}
