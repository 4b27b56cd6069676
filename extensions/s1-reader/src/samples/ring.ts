import type { SampleBlock } from '@smx-edge/protocols/power-quality';

/** Seconds kept: what is looked at around an event, and the second by which a rapid change is told late. */
const KEPT = 3;

/** Samples of a stretch of time, each channel in an array of its own; NaN where one was lost. */
export interface Stretch {
  /** ms UTC of the first one. */
  readonly start: number;
  /** Hz. */
  readonly rate: number;
  /** V. */
  readonly voltage: readonly Float32Array[];
  /** A; the neutral last where it is measured. */
  readonly current: readonly Float32Array[];
}

/** The last seconds of samples, in RAM only. */
export class Ring {
  private readonly voltage: readonly Float32Array[];
  private readonly current: readonly Float32Array[];
  private readonly capacity: number;
  /** Samples that ever came. */
  private count = 0;
  private rate: number;
  private end = NaN;

  constructor({ rate, voltages, currents }: { rate: number; voltages: number; currents: number }) {
    this.rate = rate;
    this.capacity = Math.ceil(KEPT * rate);
    const channels = (n: number): Float32Array[] => Array.from({ length: n }, () => new Float32Array(this.capacity));
    this.voltage = channels(voltages);
    this.current = channels(currents);
  }

  /** ms UTC after the last sample; NaN before the first. */
  get endTime(): number {
    return this.end;
  }

  push(block: SampleBlock): void {
    const { voltage, current, capacity } = this;
    const lost = Math.min(block.lost, capacity);
    this.rate = block.rate ?? this.rate;
    for (let n = 0; n < lost; n++)
      for (const channel of [...voltage, ...current]) channel[(this.count + n) % capacity] = NaN;
    const from = this.count + lost;
    copy(block.voltage, voltage, { from, count: block.count, capacity });
    copy(block.current, current, { from, count: block.count, capacity });
    this.count = from + block.count;
    this.end = block.time + (block.count / this.rate) * 1000;
  }

  /** What is still here of the samples from `from` to `to`, ms UTC; undefined where that is nothing. */
  cut(from: number, to: number): Stretch | undefined {
    const { rate, end, count, capacity } = this;
    const place = (t: number): number => count - Math.round(((end - t) / 1000) * rate);
    const first = Math.max(place(from), count - capacity, 0);
    const last = Math.min(place(to), count);
    if (!(last > first)) return undefined;
    const part = (channel: Float32Array): Float32Array =>
      Float32Array.from({ length: last - first }, (_, n) => channel[(first + n) % capacity]!);
    return {
      start: end - ((count - first) / rate) * 1000,
      rate,
      voltage: this.voltage.map(part),
      current: this.current.map(part),
    };
  }
}

function copy(
  source: readonly Float64Array[],
  target: readonly Float32Array[],
  { from, count, capacity }: { from: number; count: number; capacity: number },
): void {
  for (let k = 0; k < target.length; k++) {
    const [samples, channel] = [source[k]!, target[k]!];
    for (let n = 0, at = from % capacity; n < count; n++) {
      channel[at] = samples[n]!;
      if (++at === capacity) at = 0;
    }
  }
}
