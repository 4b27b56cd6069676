/** W of which a comparison is one: below, noise and the delay of the other meter decide. */
const LEAST = 150;
/** Share by which both may differ, for they are not of the same second. */
const SAME = 0.2;
/** Comparisons that must agree. */
const ENOUGH = 10;
/** ms for which the other meter's value counts. */
const FRESH = 3000;

/** What is known of the way in which a meter counts current, and kept over restarts. */
export interface DirectionMemory {
  /** It counts exported current as positive; absent while nobody knows. */
  inverted?: boolean;
}

/**
 * Finds out which way the S1 port counts current, which no published text says: its power is compared with that of another
 * reader of the same meter until ten values in a row agree.
 */
export class Direction {
  private other = NaN;
  private otherAt = NaN;
  private agreeing = 0;
  private candidate = false;

  constructor(
    private readonly memory: DirectionMemory,
    private readonly given: boolean | undefined,
  ) {}

  /** Undefined while it is not known. */
  get isInverted(): boolean | undefined {
    return this.given ?? this.memory.inverted;
  }

  /** Power in W that the other reader told at `t`, ms of the box's clock. */
  hear(power: number, t: number): void {
    this.other = power;
    this.otherAt = t;
  }

  /** Compares with our power in W, as it was told. Returns whether the memory changed. */
  compare(power: number, t: number): boolean {
    if (this.given !== undefined || !(Math.abs(t - this.otherAt) < FRESH)) return false;
    const { other } = this;
    const isFit = Math.abs(other) >= LEAST && Math.abs(Math.abs(power) - Math.abs(other)) <= SAME * Math.abs(other);
    if (!isFit) return false;
    this.otherAt = NaN;
    const inverted = (power > 0 === other > 0) === (this.memory.inverted ?? false);
    this.agreeing = inverted === this.candidate ? this.agreeing + 1 : 1;
    this.candidate = inverted;
    if (this.agreeing < ENOUGH || this.memory.inverted === inverted) return false;
    this.memory.inverted = inverted;
    return true;
  }
}
