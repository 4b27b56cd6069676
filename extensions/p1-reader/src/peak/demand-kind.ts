/** Agreeing comparisons after which a meter is believed to print the other kind. */
const VOTES = 20;

/**
 * What 1-0:1.4.0 means on this meter. Belgian meters divide the energy so far by the full 15 minutes (it ramps); other
 * countries word it as average over the time elapsed. Found out by comparing with the register.
 */
export class DemandKind {
  private votes = 0;

  /** `average` = over the time elapsed. */
  constructor(public average: boolean) {}

  /** `share` is the part of the quarter that has passed, 0 … 1; `own` W on full-quarter basis. */
  compare(demand: number, own: number, share: number): void {
    // early, late or without load the two kinds cannot be told apart
    if (share < 0.07 || share > 0.6 || own < 100) return;
    const ramp = Math.abs(demand - own);
    const mean = Math.abs(demand - own / share);
    const says = mean * 4 < ramp ? true : ramp * 4 < mean ? false : undefined;
    if (says === undefined) return;
    this.votes = says === this.average ? 0 : this.votes + 1;
    if (this.votes < VOTES) return;
    this.average = says;
    this.votes = 0;
  }
}
