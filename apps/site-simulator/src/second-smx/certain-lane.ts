import type { Clock } from '@smx-edge/model';

/** ms after which a batch is sent again, doubled each time up to the longest; and those that a consumer has after `online`. */
const [AGAIN, LONGEST, GRACE] = [5000, 300_000, 2000];
/** Batches that are kept for who does not acknowledge; those before become a gap. */
const MOST = 360;

interface Batch {
  readonly seq: number;
  readonly from: number;
  readonly to: number;
  text: string;
  due: number;
  pause: number;
}

/** Batches of `t/inst` that nobody has acknowledged, with what they say and when they are said again. */
export class CertainLane {
  private readonly batches: Batch[] = [];
  private next = 0;

  constructor(
    private readonly clock: Clock,
    private epoch: number,
  ) {}

  /** [oldest, next], as `state` has it. */
  get head(): readonly [number, number] {
    return [this.batches[0]?.seq ?? this.next, this.next];
  }

  /** A batch that follows, of rows from `from` to `to`, ms UTC; `body` is what it has besides its name. */
  add(body: object, { from, to }: { readonly from: number; readonly to: number }): void {
    const seq = this.next++;
    const text = JSON.stringify({ v: 1, e: this.epoch, s: seq, ...body });
    this.batches.push({ seq, from, to, text, due: -Infinity, pause: AGAIN });
    const lost = this.batches[this.batches.length - MOST - 1];
    if (lost !== undefined) lost.text = this.gap(lost);
  }

  /** The batch added last is dropped, and says so. */
  drop(): void {
    const last = this.batches.at(-1);
    if (last !== undefined) last.text = this.gap(last);
  }

  /** A number is never used: an error that consumers must see. */
  skip(): void {
    this.next++;
  }

  /** The store was lost. */
  begin(epoch: number): void {
    this.epoch = epoch;
    this.next = 0;
    this.batches.length = 0;
  }

  /** What is to be said now. */
  due(): string[] {
    const now = this.clock.monotonic();
    return this.batches.flatMap((batch) => {
      if (batch.due > now) return [];
      batch.due = now + batch.pause;
      batch.pause = Math.min(LONGEST, 2 * batch.pause);
      return [batch.text];
    });
  }

  /** A consumer may say what it has before all is sent again. */
  online(): void {
    for (const batch of this.batches) [batch.due, batch.pause] = [this.clock.monotonic() + GRACE, AGAIN];
  }

  /** `ack/inst`; what is none is passed over. */
  acknowledge(payload: Uint8Array): void {
    const ack = parsed(payload);
    if (ack?.e !== this.epoch) return;
    const ranges = Array.isArray(ack.s) ? (ack.s as unknown[]).filter(isRange) : [];
    const highest = typeof ack.hw === 'number' ? ack.hw : -1;
    const left = this.batches.filter(({ seq }) => seq > highest && !ranges.some(([from, to]) => seq >= from && seq <= to)); // prettier-ignore
    this.batches.splice(0, this.batches.length, ...left);
  }

  private gap({ seq, from, to }: Batch): string {
    return JSON.stringify({ v: 1, e: this.epoch, s: seq, gap: [from, to], why: 'quota' });
  }
}

const isRange = (each: unknown): each is readonly [number, number] =>
  Array.isArray(each) && each.length === 2 && each.every((end) => typeof end === 'number');

function parsed(payload: Uint8Array): { e?: unknown; s?: unknown; hw?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // what is no JSON acknowledges nothing
    return undefined;
  }
}
