const NONE = -1;
const NEVER = -Infinity;

interface AgeClass {
  readonly maxAge: number;
  head: number;
  tail: number;
}

/**
 * Points waiting to turn stale: one list per max age, each in order of last news, so that the next deadline is at a
 * head and a sample costs one relink. Times are monotonic ms.
 */
export class MaxAgeLists {
  private next = new Int32Array(0);
  private prev = new Int32Array(0);
  /** Last news; NEVER where there is none that could turn stale. Kept for points without max age too: they may get one. */
  private heard = new Float64Array(0);
  /** Index into `classes`; NONE = never stale. */
  private classOf = new Int16Array(0);
  private listed = new Uint8Array(0);
  private readonly classes: AgeClass[] = [];

  grow(capacity: number): void {
    const { next, prev, heard, classOf, listed } = this;
    (this.next = new Int32Array(capacity).fill(NONE)).set(next);
    (this.prev = new Int32Array(capacity).fill(NONE)).set(prev);
    (this.heard = new Float64Array(capacity).fill(NEVER)).set(heard);
    (this.classOf = new Int16Array(capacity).fill(NONE)).set(classOf);
    (this.listed = new Uint8Array(capacity)).set(listed);
  }

  /** `maxAge` 0 = never. A waiting point keeps waiting, under the new age. */
  setMaxAge(handle: number, maxAge: number): void {
    const heard = this.heard[handle]!;
    this.drop(handle);
    this.classOf[handle] = maxAge > 0 ? this.classFor(maxAge) : NONE;
    if (heard === NEVER) return;
    this.heard[handle] = heard;
    this.insert(handle, heard);
  }

  /** The point has news at `at`, no earlier than any before. Returns its deadline, Infinity where it has none. */
  touch(handle: number, at: number): number {
    this.heard[handle] = at;
    const index = this.classOf[handle]!;
    if (index === NONE) return Infinity;
    const list = this.classes[index]!;
    if (list.tail !== handle) {
      if (this.listed[handle] === 1) this.unlink(list, handle);
      this.link(list, handle, list.tail);
    }
    return at + list.maxAge;
  }

  /** The point no longer waits. */
  drop(handle: number): void {
    if (this.listed[handle] === 1) this.unlink(this.classes[this.classOf[handle]!]!, handle);
    this.heard[handle] = NEVER;
  }

  /** Takes out one point whose deadline is at or before `at`; NONE (-1) where there is none. */
  takeExpired(at: number): number {
    for (const list of this.classes) {
      const handle = list.head;
      if (handle !== NONE && this.heard[handle]! + list.maxAge <= at) {
        this.unlink(list, handle);
        this.heard[handle] = NEVER;
        return handle;
      }
    }
    return NONE;
  }

  /** The earliest deadline, Infinity where none waits. */
  deadline(): number {
    let earliest = Infinity;
    for (const list of this.classes)
      if (list.head !== NONE) earliest = Math.min(earliest, this.heard[list.head]! + list.maxAge);
    return earliest;
  }

  private classFor(maxAge: number): number {
    const index = this.classes.findIndex((list) => list.maxAge === maxAge);
    if (index >= 0) return index;
    // a class that nobody waits in and nobody belongs to is taken over
    const free = this.classes.findIndex((list, i) => list.head === NONE && !this.classOf.includes(i));
    const list = { maxAge, head: NONE, tail: NONE };
    if (free < 0) return this.classes.push(list) - 1;
    this.classes[free] = list;
    return free;
  }

  /** Keeps the order of last news; only on a change of max age, so walking is cheap enough. */
  private insert(handle: number, heard: number): void {
    const index = this.classOf[handle]!;
    if (index === NONE) return;
    const list = this.classes[index]!;
    let after = list.tail;
    while (after !== NONE && this.heard[after]! > heard) after = this.prev[after]!;
    this.link(list, handle, after);
  }

  private link(list: AgeClass, handle: number, after: number): void {
    const before = after === NONE ? list.head : this.next[after]!;
    this.prev[handle] = after;
    this.next[handle] = before;
    if (after === NONE) list.head = handle;
    else this.next[after] = handle;
    if (before === NONE) list.tail = handle;
    else this.prev[before] = handle;
    this.listed[handle] = 1;
  }

  private unlink(list: AgeClass, handle: number): void {
    const next = this.next[handle]!;
    const prev = this.prev[handle]!;
    if (prev === NONE) list.head = next;
    else this.next[prev] = next;
    if (next === NONE) list.tail = prev;
    else this.prev[next] = prev;
    this.next[handle] = NONE;
    this.prev[handle] = NONE;
    this.listed[handle] = 0;
  }
}
