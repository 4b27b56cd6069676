import type { LoadWindow } from '@smx-edge/protocols/load-events';
import { House, type HouseOptions, type Load } from '../../../apps/site-simulator/src/house/index.js';
import { secondOf, type HouseSecond, type Taken } from '../../../apps/site-simulator/src/s1-meter/house-second.js';
import { signatureOf } from '../../../apps/site-simulator/src/s1-meter/signatures.js';
import { seeded } from '../../faults/support/random.js';

const ORDERS = [3, 5, 7] as const;
/** ms of ten cycles at 49.98 Hz: windows and seconds drift apart, as they do. */
const WINDOW = 200.08;
/** W and var by which a window of a quiet phase scatters, and as a share of its power. */
const NOISE = 1.5;
const NOISE_SHARE = 0.001;
const NOMINAL = 230;
const RESISTOR_FROM = 1000;

/** A window as it is made; the same arrays each time. */
class MadeWindow implements LoadWindow {
  start = 0;
  end = 0;
  lost = 0;
  isFlagged = false;
  readonly voltage = new Float64Array(3);
  readonly active = new Float64Array(3);
  readonly reactive = new Float64Array(3);
  readonly currentHarmonics = [0, 1, 2].map(() => new Float64Array(51));
}

export interface WindowsOptions extends HouseOptions {
  /** More appliances, by the seed. */
  readonly loads?: (seed: number) => Load[];
  /** Changes a window before it is taken: a loss, a dip. */
  readonly disturb?: (window: { -readonly [K in keyof LoadWindow]: LoadWindow[K] }) => void;
}

export interface WindowsTaker {
  /** The house from `t` on; what it takes is at the voltage that there is. */
  second(second: HouseSecond): void;
  window(window: LoadWindow): void;
}

/**
 * Windows of ten cycles as an S1 port would give them of the virtual house, made of its seconds and signatures without
 * samples. Other than its S1 port, resistors follow the square of the voltage, and a window scatters.
 */
export class HouseWindows {
  private readonly house: House;
  private readonly made = new MadeWindow();
  private readonly gauss: () => number;
  private before: HouseSecond;
  /** Per phase: W, var, and re and im of three harmonics, A. */
  private readonly now = new Float64Array(24);
  private readonly then = new Float64Array(24);
  private readonly inrush = new Float64Array(3);

  constructor(
    private readonly options: WindowsOptions,
    private readonly taker: WindowsTaker,
  ) {
    this.house = new House(options);
    for (const load of options.loads?.(options.seed ?? 1) ?? []) this.house.add(load);
    this.house.household.itemise();
    this.gauss = gaussOf(options.seed ?? 1);
    this.before = atVoltage(secondOf(this.house));
    this.made.end = this.house.t;
    this.house.observe(() => this.second());
  }

  /** Lets so many seconds pass. */
  run(seconds: number): void {
    this.house.step(this.house.t + seconds * 1000);
  }

  private second(): void {
    const second = atVoltage(secondOf(this.house));
    this.then.set(this.now);
    this.draw(second);
    this.taker.second(second);
    const end = second.t + 1000;
    const { made } = this;
    for (let k = 0; k < 3; k++) made.voltage[k] = second.voltage[k]!;
    while (made.end + WINDOW <= end) {
      made.start = made.end;
      made.end += WINDOW;
      this.fill(Math.max(0, Math.min(1, (made.end - second.t) / WINDOW)));
      this.options.disturb?.(made);
      this.taker.window(made);
    }
    this.before = second;
  }

  /** Of a window the share `share` lies in the new second. */
  private fill(share: number): void {
    const { made, now, then, gauss } = this;
    made.lost = 0;
    made.isFlagged = false;
    for (let k = 0; k < 3; k++) {
      const part = (i: number): number => share * now[8 * k + i]! + (1 - share) * then[8 * k + i]!;
      const scatter = NOISE + NOISE_SHARE * Math.abs(part(0));
      made.active[k] = part(0) + scatter * gauss();
      made.reactive[k] = part(1) + scatter * gauss() + this.inrush[k]!;
      this.inrush[k] = 0;
      for (let i = 0; i < 3; i++)
        made.currentHarmonics[k]![ORDERS[i]!] =
          Math.hypot(part(2 + 2 * i), part(3 + 2 * i)) + 0.003 * Math.abs(gauss());
    }
  }

  private draw(second: HouseSecond): void {
    const { now } = this;
    now.fill(0);
    for (const [n, each] of second.taken.entries())
      for (let k = 0; k < 3; k++) {
        const [p, q] = [each.watt[k]!, each.reactive[k]!];
        if (Math.abs(p) + Math.abs(q) < 1) continue;
        now[8 * k]! += p;
        now[8 * k + 1]! += q;
        const { harmonics, inrush } = signatureOf(each.name, p);
        const ampere = Math.hypot(p, q) / second.voltage[k]!;
        for (const [order, share, degrees] of harmonics) {
          const i = ORDERS.indexOf(order as 3);
          if (i < 0) continue;
          now[8 * k + 2 + 2 * i]! += share * ampere * Math.cos((degrees * Math.PI) / 180);
          now[8 * k + 3 + 2 * i]! += share * ampere * Math.sin((degrees * Math.PI) / 180);
        }
        const was = this.before.taken[n]!.watt[k]!;
        if (inrush !== undefined && p >= 10 && Math.abs(was) < 0.1 * p)
          this.inrush[k]! += (inrush.times * Math.hypot(p, q) * inrush.decay) / WINDOW;
      }
  }
}

/** The simulator's appliances take what they take at any voltage; resistors do not. */
function atVoltage(second: HouseSecond): HouseSecond {
  const taken = second.taken.map((each): Taken => {
    if (['base', 'pv', 'battery', 'ev', 'heatpump'].includes(each.name)) return each;
    const scale = (watt: number, k: number): number =>
      watt >= RESISTOR_FROM && signatureOf(each.name, watt).harmonics.length === 0
        ? watt * (second.voltage[k]! / NOMINAL) ** 2
        : watt;
    return { ...each, watt: each.watt.map(scale) };
  });
  return { ...second, taken };
}

function gaussOf(seed: number): () => number {
  const uniform = seeded(seed);
  return () => Math.SQRT2 * (uniform() + uniform() + uniform() + uniform() + uniform() + uniform() - 3);
}
