import { GOOD, qualityName, type Reading } from '@smx-edge/model';
import type { PartyPoint } from './doors.js';

/**
 * The `now` message of one party (contracts §5): the serialised fragment of each point is kept, so that a change
 * costs its own fragment and one join, whatever the number of points.
 */
export class NowBoard {
  private names: string[] = [];
  private values: string[] = [];
  private qualities: string[] = [];
  private handles = new Int32Array(0);
  /** Index of a handle plus one; 0 = not on the board. */
  private slots = new Int32Array(0);
  private readonly notGood = new Set<number>();
  private dirty = new Int32Array(0);
  private dirtyCount = 0;
  private isDirty = new Uint8Array(0);
  private built: Buffer | undefined;
  private builtAt = NaN;

  constructor(private readonly read: (handle: number) => Reading | undefined) {}

  get size(): number {
    return this.names.length;
  }

  /** Replaces the points; all values are read again. */
  reset(points: readonly PartyPoint[]): void {
    const n = points.length;
    this.names = points.map((point) => `${JSON.stringify(point.definition.path)}:`);
    this.values = new Array<string>(n).fill('');
    this.qualities = new Array<string>(n).fill('');
    this.handles = Int32Array.from(points, (point) => point.handle);
    this.slots = new Int32Array(points.reduce((most, point) => Math.max(most, point.handle + 1), 0));
    this.dirty = Int32Array.from({ length: n }, (_, i) => i);
    this.dirtyCount = n;
    this.isDirty = new Uint8Array(n).fill(1);
    this.notGood.clear();
    this.built = undefined;
    for (let i = 0; i < n; i++) this.slots[this.handles[i]!] = i + 1;
  }

  /** Marks the first `n` handles as changed; says whether any of them is on the board. */
  mark(handles: Int32Array, n: number): boolean {
    let hit = false;
    for (let k = 0; k < n; k++) {
      const slot = this.slots[handles[k]!];
      if (slot === undefined || slot === 0) continue;
      hit = true;
      if (this.isDirty[slot - 1] === 1) continue;
      this.isDirty[slot - 1] = 1;
      this.dirty[this.dirtyCount++] = slot - 1;
    }
    return hit;
  }

  /** The message as of `t` (ms UTC). */
  payload(t: number): Buffer {
    if (this.built !== undefined && this.dirtyCount === 0 && this.builtAt === t) return this.built;
    for (let k = 0; k < this.dirtyCount; k++) this.serialise(this.dirty[k]!);
    this.dirtyCount = 0;
    this.builtAt = t;
    let text = `{"t":${t},"v":{${this.values.join(',')}}`;
    if (this.notGood.size > 0) {
      let separator = ',"q":{';
      for (const i of this.notGood) {
        text += separator + this.qualities[i]!;
        separator = ',';
      }
      text += '}';
    }
    return (this.built = Buffer.from(`${text}}`));
  }

  private serialise(i: number): void {
    const name = this.names[i]!;
    const reading = this.read(this.handles[i]!);
    this.isDirty[i] = 0;
    // JSON has no NaN or infinity: stringify gives null for both
    this.values[i] = name + (reading === undefined ? 'null' : JSON.stringify(reading.value));
    if (reading !== undefined && reading.quality !== GOOD) {
      this.qualities[i] = `${name}"${qualityName(reading.quality)}"`;
      this.notGood.add(i);
    } else this.notGood.delete(i);
  }
}
