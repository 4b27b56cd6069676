import type { Proof } from '../model/setpoints.js';

/** How far a measure may be from a set-point that it follows: losses of the converters, and what measuring costs. */
const OF_VALUE = 0.1;
const LEAST = 25;
/** How much a measure moves by itself. */
const UNMOVED = 0.05;

/** What was in force, and what was measured of it. */
interface Before {
  readonly value: number;
  readonly measured: number;
}

/**
 * Which set-point is in force at a router: the one that it shows, where what it measures agrees; else what it measures. Firmware
 * acknowledges what it does not carry out, and keeps to its limits without a word, so neither alone proves anything. Values have the
 * unit and sign of the box.
 */
export class InForce {
  private written: number | undefined;
  private shown: number | undefined;
  private measured: number | undefined;
  /** As it was before the last write. */
  private before: Before | undefined;
  /** Told since the last write. */
  private isShownSince = true;
  private isMeasuredSince = true;

  constructor(private readonly kind: Proof['kind']) {}

  /** A write begins: what was told before it says nothing of it. */
  wrote(value: number): void {
    const { value: inForce, measured } = this;
    if (inForce !== undefined && measured !== undefined) this.before = { value: inForce, measured };
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
    this.written = this.shown = this.measured = this.before = undefined;
    this.isShownSince = this.isMeasuredSince = true;
  }

  /** Undefined as long as nothing newer than the last write says it. */
  get value(): number | undefined {
    const { shown, measured } = this;
    if (measured === undefined || !this.isMeasuredSince) return undefined;
    if (shown !== undefined && !this.isShownSince) return undefined;
    // where a router shows no set-point, only what it was told last can be held against its measure
    const reference = shown ?? this.written;
    if (reference !== undefined && this.agrees(measured, reference)) return reference;
    return this.hasMoved(measured) ? measured : this.before!.value;
  }

  /** A router that goes on as before is still under what was in force then, and not by its losses beside it. */
  private hasMoved(measured: number): boolean {
    const { before } = this;
    return before === undefined || !isNear(measured, before.measured, UNMOVED);
  }

  private agrees(measured: number, reference: number): boolean {
    return this.kind === 'target' || Math.abs(measured) > Math.abs(reference)
      ? isNear(measured, reference, OF_VALUE)
      : true;
  }
}

function isNear(measured: number, value: number, share: number): boolean {
  return Math.abs(measured - value) <= Math.max(LEAST, share * Math.abs(value));
}
