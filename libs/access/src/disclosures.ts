import { durationText, type Aggregate } from '@smx-edge/model';
import type { Shape } from './shape.js';

/** Points given in one form under one grant, as the ledger has it. */
export interface DisclosedGroup {
  /** Number of the grant within its role, from 1; 0 = none in a file. */
  readonly grant: number;
  /** Window as a duration, or `raw`. */
  readonly every: string;
  readonly as?: Aggregate;
  readonly delay?: string;
  readonly round?: number;
  /** Of history and load profiles: the time asked for, ms UTC, and how often. */
  readonly from?: number;
  readonly to?: number;
  readonly queries?: number;
  readonly points: readonly string[];
}

export interface Disclosed {
  readonly reads: readonly DisclosedGroup[];
  readonly history: readonly DisclosedGroup[];
  readonly profiles: readonly DisclosedGroup[];
}

interface Asked {
  readonly grant: number;
  readonly every: number;
  readonly as: Aggregate;
  readonly from: number;
  readonly to: number;
}

type Form = Omit<DisclosedGroup, 'points' | 'from' | 'to' | 'queries'>;

interface Sum {
  readonly form: Form;
  readonly points: Set<string>;
  from: number;
  to: number;
  queries: number;
}

/** What one principal was given, summed by form; bounded by its points and grants. */
export class DisclosureTally {
  private readonly reads = new Map<string, Sum>();
  private readonly histories = new Map<string, Sum>();
  private readonly profiles = new Map<string, Sum>();

  addRead(path: string, { grant, shape }: { grant: number; shape: Shape }): void {
    const { every, as, delay, round } = shape;
    const form: Form = {
      ...formOf(grant, every, as),
      ...(delay === 0 ? {} : { delay: durationText(delay) }),
      ...(round === 0 ? {} : { round }),
    };
    sumOf(this.reads, form).points.add(path);
  }

  addHistory(path: string, { grant, every, as, from, to }: Asked): void {
    note(this.histories, { form: formOf(grant, every, as), path, from, to });
  }

  /** Rows of a load profile with these ends. */
  addProfile(path: string, { grant, from, to }: Pick<Asked, 'grant' | 'from' | 'to'>): void {
    note(this.profiles, { form: { grant, every: 'raw' }, path, from, to });
  }

  /** Undefined where nothing was given since the last call. */
  take(): Disclosed | undefined {
    if (this.reads.size + this.histories.size + this.profiles.size === 0) return undefined;
    const reads = groups(this.reads).map(({ form, points }) => ({ ...form, points: [...points].sort() }));
    const [history, profiles] = [asked(this.histories), asked(this.profiles)];
    this.reads.clear();
    this.histories.clear();
    this.profiles.clear();
    return { reads, history, profiles };
  }
}

function note(
  sums: Map<string, Sum>,
  { form, path, from, to }: { form: Form; path: string; from: number; to: number },
): void {
  const sum = sumOf(sums, form);
  sum.points.add(path);
  sum.from = Math.min(sum.from, from);
  sum.to = Math.max(sum.to, to);
  sum.queries++;
}

const asked = (sums: Map<string, Sum>): DisclosedGroup[] =>
  groups(sums).map(({ form, points, from, to, queries }) => ({
    ...form,
    from,
    to,
    queries,
    points: [...points].sort(),
  }));

const formOf = (grant: number, every: number, as: Aggregate): Form =>
  every === 0 ? { grant, every: 'raw' } : { grant, every: durationText(every), as };

function sumOf(sums: Map<string, Sum>, form: Form): Sum {
  const key = JSON.stringify(form);
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { form, points: new Set(), from: Infinity, to: -Infinity, queries: 0 }));
  return sum;
}

const groups = (sums: Map<string, Sum>): Sum[] => [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
