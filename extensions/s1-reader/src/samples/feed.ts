import type { SampleBlock } from '@smx-edge/protocols/power-quality';
import type { S1Block } from '@smx-edge/protocols/s1';
import { SampleClock } from './sample-clock.js';

type Channel = Float64Array;

/** What the analysis takes; the same object each time. */
interface Piece extends SampleBlock {
  voltage: readonly Channel[];
  current: readonly Channel[];
  count: number;
  lost: number;
  time: number;
  rate: number;
}

/** Turns blocks of the S1 port into those of the analysis: with a time, with current positive for consumption, and without what the meter calls corrupt. */
export class Feed {
  /** The meter counts exported current as positive. */
  isInverted = false;
  private readonly clock = new SampleClock();
  private readonly piece: Piece = { voltage: [], current: [], count: 0, lost: 0, time: NaN, rate: NaN };
  private turned: readonly Channel[] = [];
  private block: S1Block | undefined;
  private format: S1Block['format'] | undefined;
  private plain: readonly Channel[] = [];
  private lost = 0;

  /** The next piece, valid until the next call; undefined where the samples are corrupt or nobody knows their rate. */
  take(block: S1Block, at: number): SampleBlock | undefined {
    const { piece } = this;
    this.lost += block.lostBefore;
    const { rate } = block;
    if (!block.valid || rate === null) {
      this.lost += block.count;
      return undefined;
    }
    if (block !== this.block || block.format !== this.format) this.begin(block);
    piece.count = block.count;
    piece.lost = this.lost;
    piece.rate = rate;
    piece.time = this.clock.timeOf(block, rate, at);
    piece.current = this.isInverted ? this.turn(block.count) : this.plain;
    this.lost = 0;
    return piece;
  }

  /** A block that is not to be taken is lost to what comes after it. */
  drop({ lostBefore, count }: S1Block): void {
    this.lost += lostBefore + count;
  }

  private begin(block: S1Block): void {
    this.block = block;
    this.format = block.format;
    const phases = block.format.phases;
    const neutral = block.format.neutralMeasured ? [block.neutral] : [];
    this.plain = [...block.current.slice(0, phases), ...neutral];
    this.turned = this.plain.map(({ length }) => new Float64Array(length));
    this.piece.voltage = block.voltage.slice(0, phases);
  }

  private turn(count: number): readonly Channel[] {
    const { plain, turned } = this;
    for (let k = 0; k < plain.length; k++) {
      const [from, to] = [plain[k]!, turned[k]!];
      for (let n = 0; n < count; n++) to[n] = -from[n]!;
    }
    return turned;
  }
}
