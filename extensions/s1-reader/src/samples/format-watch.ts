import type { S1Block, S1Format } from '@smx-edge/protocols/s1';

/** Samples in a row after which the first format is believed: one block without a gap. */
const FIRST = 128;
/** Seconds in a row for which another one must stand: a meter is exchanged once in years, noise and a second meter flip at once. */
const STEADY = 2;
/** Share of samples of other formats from which they are said to come by turns, and what of the counts stays for the next second. */
const MIXED = 0.25;
const STAYS = 0.8;

/** Tells which samples are of the meter on the line, so that frames of others between them begin no analysis anew. */
export class FormatWatch {
  private believed: S1Format | undefined;
  /** The same, as the last block had it. */
  private last: S1Format | undefined;
  private other: S1Format | undefined;
  private count = 0;
  private taken = 0;
  private dropped = 0;

  /** Whether a block at a rate in Hz is to be taken. */
  isOfMeter({ format, count }: S1Block, rate: number): boolean {
    const isTaken = format === this.last || this.isBelieved(format, { count, rate });
    if (isTaken) {
      this.last = format;
      this.other = undefined;
      this.taken += count;
    } else this.dropped += count;
    return isTaken;
  }

  /** To be called each second: whether formats come by turns. */
  tick(): boolean {
    const isMixed = this.dropped > MIXED * (this.dropped + this.taken);
    this.taken *= STAYS;
    this.dropped *= STAYS;
    return isMixed;
  }

  /** What the meter's frames say; undefined before it is known. */
  get format(): S1Format | undefined {
    return this.believed;
  }

  private isBelieved(format: S1Format, { count, rate }: { readonly count: number; readonly rate: number }): boolean {
    const { believed, other } = this;
    if (believed !== undefined && isSame(believed, format)) return true;
    this.count = count + (other !== undefined && isSame(other, format) ? this.count : 0);
    this.other = format;
    if (this.count < (believed === undefined ? FIRST : STEADY * rate)) return false;
    this.believed = format;
    return true;
  }
}

function isSame(a: S1Format, b: S1Format): boolean {
  return (
    a.meterId === b.meterId &&
    a.phases === b.phases &&
    a.wires === b.wires &&
    a.neutralMeasured === b.neutralMeasured &&
    a.samplesPerPeriod === b.samplesPerPeriod &&
    a.samplesPerSecond === b.samplesPerSecond
  );
}
