import type { Proof } from '../model/setpoints.js';

/** How far a measure may be from a set-point that it follows: losses of the converters, and what measuring costs. */
const OF_VALUE = 0.1;
const LEAST = 25;

/**
 * Which set-point is in force at a router: the one that it shows, where what it measures agrees; else what it measures. Firmware
 * acknowledges what it does not carry out, and keeps to its limits without a word, so neither alone proves anything. Values have the
 * unit and sign of the box.
 */
export class InForce {
  private written: number | undefined;
  private shown: number | undefined;
  private measured: number | undefined;
  /** Told since the last write. */
  private isShownSince = true;
  private isMeasuredSince = true;

  constructor(private readonly kind: Proof['kind']) {}

  /** A write begins: what was told before it says nothing of it. */
  wrote(value: number): void {
    this.written = value;
    this.isShownSince = this.isMeasuredSince = false;
  }

  shows(value: number): void {
    this.shown = value;
    this.isShownSince = true;
  }

  /** Undefined where the router gives no value. */
  measures(value: number | undefined): void {
    this.measured = value;
    this.isMeasuredSince = true;
  }

  /** The router is gone; what it told is nothing to go by. */
  forget(): void {
    this.written = this.shown = this.measured = undefined;
    this.isShownSince = this.isMeasuredSince = true;
  }

  /** Undefined as long as nothing newer than the last write says it. */
  get value(): number | undefined {
    const { shown, measured } = this;
    if (measured === undefined || !this.isMeasuredSince) return undefined;
    if (shown !== undefined && !this.isShownSince) return undefined;
    // where a router shows no set-point, only what it was told last can be held against its measure
    const reference = shown ?? this.written;
    return reference === undefined || !this.agrees(measured, reference) ? measured : reference;
  }

  private agrees(measured: number, reference: number): boolean {
    const slack = Math.max(LEAST, OF_VALUE * Math.abs(reference));
    return this.kind === 'target'
      ? Math.abs(measured - reference) <= slack
      : Math.abs(measured) <= Math.abs(reference) + slack;
  }
}
