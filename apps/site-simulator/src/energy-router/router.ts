import type { House } from '../house/index.js';
import type { RouterPhases } from './topics.js';

/** What a mode does with PV and battery; the house sees neither where the grid is off. */
interface Manner {
  readonly pv: 'off' | 'limited' | 'most';
  readonly battery: 'off' | 'held' | 'own';
}

const OFF: Manner = { pv: 'off', battery: 'off' };
/** Storage4Grid D4.10: modes of the three-phase router 0 to 5, of the single-phase one 0 to 8 (from 5 on without the grid). */
const MODES: Readonly<Record<RouterPhases, readonly Manner[]>> = {
  three: [
    OFF,
    OFF,
    { pv: 'limited', battery: 'held' },
    { pv: 'off', battery: 'held' },
    { pv: 'limited', battery: 'own' },
    { pv: 'limited', battery: 'held' },
  ],
  one: [
    OFF,
    OFF,
    { pv: 'limited', battery: 'held' },
    { pv: 'most', battery: 'held' },
    { pv: 'off', battery: 'held' },
    ...[OFF, OFF, OFF, OFF],
  ],
};
const FIRST_MODE: Readonly<Record<RouterPhases, number>> = { three: 4, one: 3 };

/** Limits of the firmware (storage4grid/EnergyRouter): W, var, A, %. It keeps to them and says nothing. */
const LIMITS = { pv: [50, 1000], q: [-750, 1250], ampere: 18, soc: [20, 80] } as const;
const LINK_VOLT: Readonly<Record<RouterPhases, number>> = { three: 500, one: 220 };
const PHASES = [0, 1, 2] as const;
const { abs, max, min } = Math;

const within = (value: number, [least, most]: readonly [number, number]): number => min(most, max(least, value));

/** An Energy Router as it lies between PV, battery and grid of the house: its battery power is positive where it discharges. */
export class EnergyRouter {
  private mode: number;
  private battery = 0;
  private pv: number | undefined;
  /** var per phase, load convention. */
  private readonly q = new Float64Array(3);

  constructor(
    private readonly house: House,
    private readonly phases: RouterPhases,
  ) {
    this.mode = FIRST_MODE[phases];
    house.govern(() => this.govern());
  }

  /** Sets what one of its references means, as far as it can; a mode it does not have changes nothing. */
  set(name: string, value: number): void {
    if (name === 'DERStart' && MODES[this.phases][value] !== undefined) this.mode = value;
    else if (name === 'PBatRef') this.battery = within(value, this.batteryLimits());
    else if (name === 'PPvRef') this.pv = within(value, LIMITS.pv);
    else if (name === 'QGridRef') this.spread(within(value, LIMITS.q));
    else if (/^Q[abc]GridRef$/.test(name)) this.q['abc'.indexOf(name[1]!)] = within(value, [LIMITS.q[0] / 3, LIMITS.q[1] / 3]); // prettier-ignore
  }

  /** Nothing that was set is left. */
  reset(): void {
    this.mode = FIRST_MODE[this.phases];
    this.battery = 0;
    this.pv = undefined;
    this.q.fill(0);
  }

  /** Set-points in force, by their names. */
  get inForce(): Readonly<Record<string, number>> {
    const [Qa, Qb, Qc] = this.q as unknown as [number, number, number];
    const q = { QGridRef: Qa + Qb + Qc, QaGridRef: Qa, QbGridRef: Qb, QcGridRef: Qc };
    return { DERStart: this.mode, PBatRef: this.battery, PPvRef: this.pv ?? this.house.pv.nominal, ...q, PGridRef: 0 };
  }

  /** What it measures, by the names of both kinds; a house without a battery has none of its values. */
  get measured(): Readonly<Record<string, number>> {
    const { pv, battery, grid } = this.house;
    const watt = PHASES.map((i) => pv.meter.watt[i]! + (battery?.meter.watt[i] ?? 0));
    const reactive = PHASES.map((i) => battery?.meter.reactive[i] ?? 0);
    const sum = (each: readonly number[]): number => each[0]! + each[1]! + each[2]!;
    const [string] = pv.strings;
    const per = (name: string, each: readonly number[]): object =>
      Object.fromEntries(PHASES.map((i) => [`${name}${'abc'[i]}Grid`, each[i]]));
    const store = battery && { SoC: battery.soc, SoC_BAT: battery.soc, PBat: -battery.direct, UBat: battery.voltage, IBat: -battery.current }; // prettier-ignore
    return {
      ...store,
      ...{ PPv: sum([...pv.strings.map(({ power }) => power), 0, 0, 0].slice(0, 3)) },
      ...(string && { UPv: string.voltage, IPv: string.current }),
      ...{ PGrid: sum(watt), ...per('P', watt), QGrid: sum(reactive), ...per('Q', reactive) },
      ...{ UGrid: grid.voltage[0]!, IGrid: abs(sum(watt)) / grid.voltage[0]!, 'UDC-link': LINK_VOLT[this.phases] },
    };
  }

  private batteryLimits(): readonly [number, number] {
    const { battery } = this.house;
    if (battery === undefined) return [0, 0];
    const most = min(battery.nominal, LIMITS.ampere * battery.voltage);
    return [-most, most];
  }

  private spread(total: number): void {
    if (this.phases === 'three') this.q.fill(total / 3);
    else this.q.set([total, 0, 0]);
  }

  /** Before each second of the house. */
  private govern(): void {
    const { pv, battery } = this.house;
    const manner = MODES[this.phases][this.mode]!;
    pv.ceiling = manner.pv === 'off' ? 0 : manner.pv === 'limited' ? this.pv : undefined;
    if (battery === undefined) return;
    const [empty, full] = LIMITS.soc;
    battery.reserve = empty;
    const most = battery.soc >= full ? 0 : Infinity;
    const held = manner.battery === 'off' ? 0 : -this.battery;
    battery.bounds = manner.battery === 'own' ? { least: -Infinity, most } : { least: min(held, most), most: min(held, most) }; // prettier-ignore
    battery.meter.reactive.set(manner === OFF ? [0, 0, 0] : this.q);
  }
}
