const MOST = 256;

/** The last 256 ids whose answers nobody awaits any more. */
export class PastIds {
  private readonly ids = new Set<string>();

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
}
