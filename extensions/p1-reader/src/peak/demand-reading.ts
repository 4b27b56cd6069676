/** What one telegram says to the quarter engine. Times ms UTC by the meter's clock. Absent = not in the telegram. */
export interface DemandReading {
  readonly t: number;
  /** Import register, all tariffs, Wh (1-0:1.8.0 or 1.8.1 + 1.8.2). */
  readonly energy?: number | undefined;
  /** Running quarter demand by the meter, W (1-0:1.4.0). */
  readonly demand?: number | undefined;
  /** Import power now, W (1-0:1.7.0). */
  readonly power?: number | undefined;
}

/** A quarter that has ended. */
export interface ClosedQuarter {
  /** ms UTC. */
  readonly end: number;
  /** Mean import over the whole quarter, W; for a partial quarter only what was seen of it, spread over the quarter. */
  readonly watt: number;
  /** Not seen from its start to its end: never a month peak. */
  readonly partial: boolean;
  /** A boundary was interpolated between telegrams at most 60 s apart. */
  readonly estimated: boolean;
}

/** The running quarter after a telegram. */
export interface RunningQuarter {
  readonly end: number;
  /** W so far over the full 15 minutes: ramps from 0 to the demand of the quarter; NaN = not known. */
  readonly watt: number;
  /** Seen only in part and the meter does not help: `watt` is a lower bound. */
  readonly partial: boolean;
  readonly estimated: boolean;
}
