/** Transactions remembered at one time; a charge point has one per connector. */
const MOST = 64;

/**
 * Numbers of transactions at a mirror, which gives its own ones: both answers to the same StartTransaction have to be seen, in
 * either order.
 */
export class TransactionMap {
  private readonly byStart = new Map<string, { theirs?: number; own?: number }>();
  private readonly numbers = new Map<number, number>();

  /** The back end's answer to the StartTransaction of this message id. */
  answered(id: string, theirs: number): void {
    this.note(id, { theirs });
  }

  /** The mirror's answer to it. */
  mirrored(id: string, own: number): void {
    this.note(id, { own });
  }

  of(theirs: number): number | undefined {
    return this.numbers.get(theirs);
  }

  ended(theirs: number): void {
    this.numbers.delete(theirs);
  }

  private note(id: string, half: { theirs?: number; own?: number }): void {
    const both = { ...this.byStart.get(id), ...half };
    this.byStart.set(id, both);
    if (both.theirs !== undefined && both.own !== undefined) {
      this.byStart.delete(id);
      this.numbers.set(both.theirs, both.own);
    }
    for (const map of [this.byStart, this.numbers])
      if (map.size > MOST) (map as Map<unknown, unknown>).delete(map.keys().next().value);
  }
}
