import { valueAt, type RunValue, type SampleRun } from '../history/sample-run.js';
import type { HistoryChunk } from './protocol.js';

/** Rows of one answer: crossing the thread costs more than the rows. */
const MOST = 2 ** 15;
/** Rows of the first, so that whoever asked has work while the second is made. */
const FIRST = 2 ** 13;

/** Gathers rows into one answer. Its columns are its own, since what crosses the thread is taken from it. */
export class AnswerBuilder {
  n = 0;
  private readonly most: number;
  private readonly t: Float64Array;
  private readonly quality: Uint8Array;
  private readonly numbers: Float64Array;
  /** All values so far, where one of them is a text or a list. */
  private others: RunValue[] | undefined;

  constructor(
    private readonly boolean: boolean,
    isFirst: boolean,
  ) {
    this.most = isFirst ? FIRST : MOST;
    this.t = new Float64Array(this.most);
    this.quality = new Uint8Array(this.most);
    this.numbers = new Float64Array(this.most);
  }

  /** Takes the first rows of a run, as many as there is room for, and gives how many. */
  add(run: SampleRun): number {
    const { n: at } = this;
    const taken = Math.min(run.n, this.most - at);
    this.t.set(run.t.subarray(0, taken), at);
    this.quality.set(run.quality.subarray(0, taken), at);
    this.numbers.set(run.number.subarray(0, taken), at);
    if (run.other !== undefined)
      this.others ??= Array.from(this.numbers.subarray(0, at), (value) => (Number.isNaN(value) ? null : value));
    if (this.others !== undefined) for (let i = 0; i < taken; i++) this.others.push(valueAt(run, i));
    this.n = at + taken;
    return taken;
  }

  take(done: boolean): HistoryChunk {
    const { n, t, quality, numbers, others, boolean } = this;
    // few rows do not take all the room along
    const most = n > this.most / 2;
    return {
      t: most ? t.subarray(0, n) : t.slice(0, n),
      quality: most ? quality.subarray(0, n) : quality.slice(0, n),
      values: others ?? (most ? numbers.subarray(0, n) : numbers.slice(0, n)),
      boolean,
      done,
    };
  }
}
