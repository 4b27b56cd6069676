export type EventKind = 'dip' | 'swell' | 'interruption' | 'rapid-change';

/** An event that goes on. */
export interface EventBegin {
  readonly kind: EventKind;
  /** ms UTC of the value that crossed the threshold. */
  readonly start: number;
}

/** An event that is over; two less than 20 ms apart are one. */
export interface PowerQualityEvent {
  readonly kind: EventKind;
  /** ms UTC of its first edge, found within the half cycle in which it lies. */
  readonly start: number;
  /** s from the first edge to the last. */
  readonly duration: number;
  /**
   * s after IEC 61000-4-30 §5.4.2.2: whole half cycles from the first value beyond the threshold to the first one back within it. A value
   * spans a cycle and one begins each half cycle, so this is up to a cycle and a half longer than what happened.
   */
  readonly stampedDuration: number;
  /** V: the lowest Urms(1/2) of a dip, interruption, the highest of a swell; of a rapid change the one farthest from before. */
  readonly extreme: number;
  /** Share of the declared voltage by which `extreme` is off it; of a rapid change ΔUmax (§5.11). Never negative. */
  readonly depth: number;
  /** Share of the declared voltage between the steady values before and after: ΔUss of a rapid change; NaN of others. */
  readonly steadyChange: number;
  /** Numbers, from 0, of the voltages that took part. */
  readonly phases: readonly number[];
  /**
   * Samples were lost within it or beside it. What is told comes of values made of samples alone; an edge in a stretch that was lost is
   * off by up to its length, and where more than a window was lost the event ends with it.
   */
  readonly isFlagged: boolean;
}
