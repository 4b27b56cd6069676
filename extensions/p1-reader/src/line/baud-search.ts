/** Settings of a serial P1 line: DSMR 4 and later, eMUCS; and DSMR 2.2 and 3.0 (§5.12 of each). */
const P1_SETTINGS = [
  { baud: 115_200, mode: '8N1' },
  { baud: 9600, mode: '7E1' },
] as const;
export type P1Setting = (typeof P1_SETTINGS)[number];

/** Two intervals of the slowest meter and a bit. */
const PATIENCE = 25_000;
/** Bytes after which the share of unprintable ones tells the wrong speed. */
const ENOUGH = 128;
const GARBAGE = 0.2;

/**
 * Finds the speed of a line by what comes over it: at the wrong one bytes are garbage. Changes only while bytes
 * arrive, never on a silent line, and stays once a frame was good.
 */
export class BaudSearch {
  private index = 0;
  private found = false;
  private total = 0;
  private garbage = 0;
  private since = NaN;

  get setting(): P1Setting {
    return P1_SETTINGS[this.index]!;
  }

  bytes(chunk: Uint8Array, now: number): void {
    if (this.found) return;
    if (this.total === 0) this.since = now;
    this.total += chunk.length;
    for (const byte of chunk) if (!printable(byte)) this.garbage++;
  }

  /** A frame was good, or encrypted: binary by nature, but at the right speed. */
  good(): void {
    this.found = true;
  }

  /** The setting to try next, where the present one has failed. */
  next(now: number): P1Setting | undefined {
    if (this.found || this.total === 0) return undefined;
    const noise = this.total >= ENOUGH && this.garbage / this.total > GARBAGE;
    if (!noise && now - this.since < PATIENCE) return undefined;
    this.index = (this.index + 1) % P1_SETTINGS.length;
    this.total = 0;
    this.garbage = 0;
    return this.setting;
  }
}

function printable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a;
}
