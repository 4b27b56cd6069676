/** W, and share of what flows in the phases, within which their sum is held at zero. */
const HELD = 50;
const HELD_SHARE = 0.03;
/** W that must flow in the phases for that to mean something. */
const LEAST_FLOW = 150;
/** Windows for which that must be, ten minutes of them, and the share of them in which it is. */
const WINDOWS = 3000;
const SHARE = 0.8;

/**
 * Whether something holds the sum of three phases at zero, as the inverter of a battery does: then a change in common
 * may be its answer. Once seen it is so from then on.
 */
export class HeldConnection {
  isHeld: boolean;
  private count = 0;
  private held = 0;

  constructor(isHeld: boolean) {
    this.isHeld = isHeld;
  }

  /** W of each phase; whether it was learned now. */
  take(powers: Float64Array): boolean {
    if (this.isHeld || powers.length < 3) return false;
    let flow = 0;
    let sum = 0;
    for (let k = 0; k < powers.length; k++) {
      flow += Math.abs(powers[k]!);
      sum += powers[k]!;
    }
    if (flow < LEAST_FLOW) return false;
    this.count++;
    if (Math.abs(sum) <= Math.max(HELD, HELD_SHARE * flow)) this.held++;
    if (this.count < WINDOWS) return false;
    this.isHeld = this.held >= SHARE * this.count;
    this.count = 0;
    this.held = 0;
    return this.isHeld;
  }
}
