import { BAD, GOOD, SampleBatch, STALE, type LiveSource, type PointType } from '@smx-edge/model';
import type { WireExtra } from '@smx-edge/extension-api/wire';

/** What the session keeps of a declared point. */
export interface SessionPoint {
  readonly handle: number;
  readonly type: PointType;
}

const isOther = (type: PointType): boolean => type === 'string' || type === 'numbers';

/** Turns messages of samples into batches of the live table; only points the instance declared get in. */
export class Ingest {
  readonly batch = new SampleBatch(64);
  private readonly types = new Map<number, PointType>();

  add(point: SessionPoint): void {
    this.types.set(point.handle, point.type);
  }

  remove(handle: number): void {
    this.types.delete(handle);
  }

  has(handle: number): boolean {
    return this.types.has(handle);
  }

  get points(): number {
    return this.types.size;
  }

  /** Fills the batch and gives how many samples named a point that is not the instance's. */
  fill(
    received: number,
    t: number | null,
    samples: { pairs: readonly unknown[]; extras: readonly WireExtra[] },
  ): number {
    const { batch } = this;
    const { pairs, extras } = samples;
    batch.clear(received);
    const source = t ?? received;
    let alien = 0;
    let next = 0;
    for (let pair = 0; pair < pairs.length / 2; pair++) {
      while (next < extras.length && extras[next]![0] < pair) next++;
      const extra = extras[next]?.[0] === pair ? extras[next] : undefined;
      const handle = pairs[pair * 2];
      const type = typeof handle === 'number' ? this.types.get(handle) : undefined;
      if (type === undefined) {
        alien++;
        continue;
      }
      const i = batch.add(handle as number);
      batch.t[i] = extra?.[3] ?? source;
      this.put(i, type, pairs[pair * 2 + 1]);
      if (extra === undefined) continue;
      // a null is bad unless its author says that nothing is what there is
      const open = batch.quality[i] === GOOD || (pairs[pair * 2 + 1] === null && batch.quality[i] === BAD);
      if (open) batch.quality[i] = Math.min(extra[1], 255);
      if (extra[2] !== null && !batch.reason.has(i)) batch.reason.set(i, extra[2]);
    }
    return alien;
  }

  /** All points that have a value, restated as stale with the reason: what a dead instance left must not look fresh. */
  stale(live: LiveSource, received: number, reason: string): SampleBatch {
    const { batch } = this;
    batch.clear(received);
    for (const [handle, type] of this.types) {
      const { value, t, quality } = live.reading(handle);
      if (t === 0 || quality === BAD) continue;
      const i = batch.add(handle);
      batch.t[i] = t;
      this.put(i, type, value);
      batch.quality[i] = STALE;
      batch.reason.set(i, reason);
    }
    return batch;
  }

  private put(i: number, type: PointType, value: unknown): void {
    const { batch } = this;
    if (isOther(type)) {
      batch.other.set(i, other(type, value));
      if (value !== null && batch.other.get(i) === null) this.wrong(i, type);
      else if (value === null) batch.quality[i] = BAD;
      return;
    }
    if (type === 'boolean' ? typeof value === 'boolean' : typeof value === 'number') batch.number[i] = Number(value);
    else if (value === null) batch.quality[i] = BAD;
    else this.wrong(i, type);
  }

  private wrong(i: number, type: PointType): void {
    this.batch.quality[i] = BAD;
    this.batch.reason.set(i, `not of type ${type}`);
  }
}

function other(type: PointType, value: unknown): string | readonly number[] | null {
  if (type === 'string') return typeof value === 'string' ? value : null;
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : null;
}
