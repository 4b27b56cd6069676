const MOST = 256;

/** The last 256 ids of calls that are given up, of which an answer may still come. */
export class PastIds {
  private ids = new Set<string>();

  add(id: string): void {
    // again at the end where it was there before
    this.ids.delete(id);
    this.ids.add(id);
    for (const oldest of this.ids) {
      if (this.ids.size <= MOST) return;
      this.ids.delete(oldest);
    }
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Whether it was among them. */
  take(id: string): boolean {
    return this.ids.delete(id);
  }

  /** All of them, the oldest first; none is left. */
  drain(): readonly string[] {
    const ids = [...this.ids];
    this.ids = new Set();
    return ids;
  }
}
