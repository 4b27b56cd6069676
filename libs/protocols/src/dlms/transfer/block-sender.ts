/** Raw data on its way out in the blocks of GET or Read (Green Book §9.3.6 and §9.3.13), one for each time it is asked. */
export class BlockSender {
  /** The block sent last. */
  private at = 0;

  constructor(
    private readonly raw: Uint8Array,
    private readonly size: number,
  ) {}

  /** The block behind `after`, or once more the last where its answer was lost; undefined for another number. */
  next(after: number): { readonly block: number; readonly last: boolean; readonly raw: Uint8Array } | undefined {
    if (after !== this.at && after !== this.at - 1) return undefined;
    this.at = after + 1;
    const end = this.at * this.size;
    return { block: this.at, last: end >= this.raw.length, raw: this.raw.subarray(end - this.size, end) };
  }
}
