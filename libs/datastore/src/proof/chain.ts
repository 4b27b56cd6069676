interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** One chain while it is walked: it begins after a known hash and ends where others say. */
export class Chain {
  /** Links that verify, up to the first that does not. */
  count = 0;
  /** `seq` that the first bad link should have. */
  firstBad: number | undefined;
  private readonly expected = new Map<number, string>();
  private readonly faults: string[] = [];

  constructor(
    private readonly name: string,
    private hash: string,
    private seq = 0,
  ) {}

  /** What is known from elsewhere of the hash at `seq`; of what was pruned nothing can be asked. */
  expect(seq: number, hash: string): void {
    const known = seq === this.seq ? this.hash : this.expected.get(seq);
    if (known !== undefined && known !== hash) this.fault(`${this.name}: two hashes are told of link ${seq}`);
    if (seq > this.seq) this.expected.set(seq, hash);
  }

  /** Whether `link` continues the chain; after one that does not none does. */
  add(link: Link, hashAfter: (before: string) => string): boolean {
    if (this.firstBad !== undefined) return false;
    if (link.seq !== this.seq + 1 || link.hash !== hashAfter(this.hash)) {
      this.firstBad = this.seq + 1;
      this.fault(`${this.name}: link ${this.firstBad} does not continue what is before it`);
      return false;
    }
    this.seq = link.seq;
    this.hash = link.hash;
    this.count++;
    const known = this.expected.get(link.seq);
    if (known !== undefined && known !== link.hash)
      this.fault(`${this.name}: link ${link.seq} is another than the one that was sealed`);
    this.expected.delete(link.seq);
    return true;
  }

  /** Where it ends. */
  end(seq: number, hash: string): void {
    if (this.firstBad !== undefined || (seq === this.seq && hash === this.hash)) return;
    this.firstBad = this.seq + 1;
    this.fault(`${this.name}: it ends at link ${this.seq} and should at ${seq}`);
  }

  /** What is wrong with it. */
  finish(): string[] {
    const missing = [...this.expected.keys()].filter((seq) => seq > this.seq);
    if (this.firstBad === undefined && missing.length > 0) {
      this.firstBad = this.seq + 1;
      this.fault(`${this.name}: links up to ${Math.max(...missing)} were sealed; it ends at ${this.seq}`);
    }
    return this.faults;
  }

  private fault(text: string): void {
    this.faults.push(text);
  }
}
