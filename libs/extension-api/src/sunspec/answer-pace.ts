import { isModbusException } from '../modbus/types.js';

/** Times as long as an answer is expected to take, after which silence is taken for the answer of a unit nobody has. */
const PATIENCE = 4;
/** Longer than any answer of a device that is as fast as this box, ms. */
const LEAST = 60;
/** As long as a device may take of which nothing is known yet, ms. */
export const UNKNOWN_PACE = 1000;
/** Shares of a new answer in the mean and in the deviation from it, as TCP estimates round trips (RFC 6298 §2). */
const [OF_MEAN, OF_DEVIATION] = [1 / 8, 1 / 4];

/**
 * How long a device takes to answer. Units that do not exist are silent on most devices: at the pace of the others they are known in
 * a fraction of the time-out.
 */
export class AnswerPace {
  private mean: number | undefined;
  private deviation = 0;
  private isConnected = false;

  /** `monotonic`: ms of a clock that nobody sets. */
  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /** Ms after which silence means that there is nobody. */
  get patience(): number {
    if (this.mean === undefined) return UNKNOWN_PACE;
    return Math.max(LEAST, Math.min(UNKNOWN_PACE, PATIENCE * (this.mean + 4 * this.deviation)));
  }

  /** Asks, and learns from how long the answer takes, refusals among them; from silence there is nothing to learn. */
  async timed<T>(ask: () => Promise<T>): Promise<T> {
    const begun = this.monotonic();
    try {
      const answer = await ask();
      this.learn(this.monotonic() - begun);
      return answer;
    } catch (error) {
      if (isModbusException(error)) this.learn(this.monotonic() - begun);
      throw error;
    }
  }

  private learn(took: number): void {
    // the first one made the connection
    if (!this.isConnected) {
      this.isConnected = true;
      return;
    }
    if (this.mean === undefined) [this.mean, this.deviation] = [took, took / 2];
    else {
      this.deviation += OF_DEVIATION * (Math.abs(took - this.mean) - this.deviation);
      this.mean += OF_MEAN * (took - this.mean);
    }
  }
}
