import type { NewEvent } from '@smx-edge/model';

const MOST_TOLD = 1000;

/** Events that the store itself makes within a transaction; what comes to nothing with it is not told. */
export class News {
  private pending: { readonly event: NewEvent; readonly once: string | undefined }[] = [];
  private readonly told = new Set<string>();

  /** With `once`, the same is told only once while the store is open. */
  add(event: NewEvent, once?: string): void {
    if (once !== undefined && (this.told.has(once) || this.pending.some((item) => item.once === once))) return;
    this.pending.push({ event, once });
  }

  /** What the running transaction has to tell; also what comes in while it is read. */
  *events(): Generator<NewEvent> {
    for (let i = 0; i < this.pending.length; i++) yield this.pending[i]!.event;
  }

  /** The transaction is committed. */
  settle(): void {
    for (const { once } of this.pending) if (once !== undefined) this.told.add(once);
    // a memory of what was told must not grow for ever
    if (this.told.size > MOST_TOLD) this.told.clear();
    this.pending = [];
  }

  /** The transaction came to nothing. */
  drop(): void {
    this.pending = [];
  }
}
