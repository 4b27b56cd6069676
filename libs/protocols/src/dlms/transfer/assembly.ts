/** Raw data of blocks on its way in, in order and within a bound. */
export class Assembly {
  private readonly parts: Uint8Array[] = [];
  private length = 0;
  /** Number of the block that comes next. */
  expected = 1;

  constructor(private readonly limit: number) {}

  /** Takes the block that is expected. False where the whole would be longer than is taken. */
  add(raw: Uint8Array): boolean {
    this.length += raw.length;
    if (this.length > this.limit) return false;
    this.parts.push(raw);
    this.expected++;
    return true;
  }

  whole(): Uint8Array {
    return this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts, this.length);
  }
}
