/**
 * The bytes a value was last made from. Texts, peaks and logs are the same in nearly every telegram: as long as their
 * bytes are, the value made before is handed out again and nothing is allocated.
 */
export class ByteMemo {
  private bytes = new Uint8Array(0);
  private length = -1;

  /** Whether the range is what it was at the last call; keeps it if not. */
  same(source: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (length === this.length && this.equals(source, from)) return true;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length * 2);
    this.bytes.set(source.subarray(from, to));
    this.length = length;
    return false;
  }

  private equals(source: Uint8Array, from: number): boolean {
    for (let i = 0; i < this.length; i++) if (this.bytes[i] !== source[from + i]) return false;
    return true;
  }
}
