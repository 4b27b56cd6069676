import type { Sqlite } from '../database/database.js';

/** Free pages that are worth it: below this part of the file they are used again soon. */
const WORTH = 1 / 16;
/** Pages moved in one transaction. */
const STEP = 256;

/** Gives pages that thinning has emptied back to the disk, where the file is larger than it may be: a lowered budget frees space. */
export class Shrinker {
  constructor(
    private readonly db: Sqlite,
    private readonly budget: number,
  ) {}

  /** Undefined where there is nothing to give back. Throws what the database throws. */
  due(): Generator<undefined, void> | undefined {
    const pages = this.number('page_count');
    const isTooLarge = pages * this.number('page_size') > this.budget;
    return isTooLarge && this.free > pages * WORTH ? this.shrink() : undefined;
  }

  private *shrink(): Generator<undefined, void> {
    for (let before = Infinity; this.free > 0 && this.free < before;) {
      before = this.free;
      this.db.pragma(`incremental_vacuum(${STEP})`);
      yield undefined;
    }
    // the file is cut when its log is emptied into it
    this.db.pragma('wal_checkpoint(TRUNCATE)');
  }

  private get free(): number {
    return this.number('freelist_count');
  }

  private number(pragma: string): number {
    return Number(this.db.pragma(pragma, { simple: true }));
  }
}
