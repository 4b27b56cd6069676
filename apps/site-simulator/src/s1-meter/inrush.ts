import type { HouseSecond } from './house-second.js';
import { fundamental } from './branch-current.js';
import { signatureOf } from './signatures.js';
import { at, SINE } from './spectrum.js';

const { abs, cos, exp, max, PI, sin, SQRT2 } = Math;

/** An appliance is switched on in a phase where it took less than this share of what it takes now. */
const OFF = 0.1;
const LEAST_WATT = 10;
/** A below which it is over. */
const OVER = 0.001;

/**
 * The current of a branch by which appliances begin, beside what they take afterwards. It lags by a quarter but for what makes up
 * for its begin in the middle of a period: it moves no energy, so that the house's power stays what the house says.
 */
export class Inrush {
  private ampere = 0;
  private decay = 0;
  private active = 0;

  /** Of the appliances that begin in this second; `turn` is where in its period the branch is, 0 … 1. */
  begin(
    { taken, voltage }: HouseSecond,
    before: HouseSecond,
    { branch, turn, hz }: { branch: number; turn: number; hz: number },
  ): void {
    for (const each of taken) {
      const watt = each.watt[branch]!;
      const was = before.taken.find(({ name }) => name === each.name)?.watt[branch] ?? 0;
      const { inrush } = signatureOf(each.name, watt);
      if (inrush === undefined || watt < LEAST_WATT || abs(was) > OFF * watt) continue;
      const peak = SQRT2 * inrush.times * fundamental(watt, each.reactive[branch]!, voltage[branch]!);
      this.ampere = max(this.ampere, peak);
      this.decay = 1 / inrush.decay;
      this.active = balance({ turn, rate: 1000 / inrush.decay, hz });
    }
  }

  /** A at `turn`, `ms` after the sample before. */
  next(turn: number, ms: number): number {
    if (this.ampere === 0) return 0;
    const quarter = turn + 0.25;
    const now = this.ampere * (this.active * at(SINE, turn) - at(SINE, quarter >= 1 ? quarter - 1 : quarter));
    this.ampere *= exp(-ms * this.decay);
    if (this.ampere < OVER) this.ampere = 0;
    return now;
  }
}

/** Share of active current with which a lagging one that begins at `turn` and falls at `rate` in 1/s takes no energy. */
function balance({ turn, rate, hz }: { turn: number; rate: number; hz: number }): number {
  const [twice, angle] = [4 * PI * hz, 4 * PI * turn];
  const square = rate * rate + twice * twice;
  const lagging = (rate * sin(angle) + twice * cos(angle)) / square / 2;
  const active = (1 / rate - (rate * cos(angle) - twice * sin(angle)) / square) / 2;
  return lagging / active;
}
