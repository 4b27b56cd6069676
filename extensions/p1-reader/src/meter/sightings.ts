import type { P1Telegram } from '@smx-edge/protocols/p1';

/** Telegrams in a row that must agree on an identifier where no CRC proves it. */
const AGREE = 3;

/**
 * Which equipment identifiers are to be believed. Lines of DSMR 2.2 and 3.0 have no CRC: a flipped bit in an identifier
 * would be another meter, with registers and a name of its own for ever.
 */
export class Sightings {
  private readonly proven: Set<string>;
  private readonly seen = new Map<string, { count: number; telegram: number }>();
  private telegram = 0;
  /** A line that never told an identifier yet: there is nothing that a flipped bit could be mistaken for. */
  private readonly isFresh: boolean;

  /** `known` from the run before. */
  constructor(known: readonly (string | undefined)[]) {
    this.proven = new Set(known.filter((id) => id !== undefined));
    this.isFresh = this.proven.size === 0;
  }

  /** To be called with each telegram, before it is asked about. */
  next(): void {
    this.telegram++;
  }

  /** Whether the identifier is one: known, in a telegram with a proof, in the very first, or in three in a row. */
  isProven(id: string, { verdict, protection }: Pick<P1Telegram, 'verdict' | 'protection'>): boolean {
    if (this.proven.has(id)) return true;
    const unproven = verdict === 'absent' && protection === 'plain';
    const before = this.seen.get(id);
    if (before?.telegram === this.telegram) return false;
    const count = before?.telegram === this.telegram - 1 ? before.count + 1 : 1;
    if (unproven && count < AGREE && !(this.isFresh && this.telegram === 1)) {
      this.forgetOld();
      this.seen.set(id, { count, telegram: this.telegram });
      return false;
    }
    this.seen.delete(id);
    this.proven.add(id);
    return true;
  }

  private forgetOld(): void {
    for (const [id, { telegram }] of this.seen) if (telegram < this.telegram - 1) this.seen.delete(id);
  }
}
