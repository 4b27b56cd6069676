import type { Clock, Disposable } from '@smx-edge/model';
import type { House } from '../house/index.js';
import type { Flavour } from './flavour.js';

/** Fields of models 123 and 124 that can be written, in their units. */
export type ControlValues = Readonly<Record<string, number>>;

/** Rates and the limit are cut to this under the fault `clamp`, %. */
const CLAMP = 50;
const SWITCH = [0, 1] as const;
const WINDOW_TIME = [0, 300] as const;
const REVERT_TIME = [0, 28_800] as const;
const SIGNED = [-100, 100] as const;
const PERCENT = [0, 100] as const;

/** What each field takes, its ends included; the others of the models are not taken at all. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  ...{ Conn_WinTms: WINDOW_TIME, Conn_RvrtTms: REVERT_TIME, Conn: SWITCH },
  ...{ WMaxLimPct: PERCENT, WMaxLimPct_WinTms: WINDOW_TIME, WMaxLimPct_RvrtTms: REVERT_TIME },
  ...{ WMaxLimPct_RmpTms: REVERT_TIME, WMaxLim_Ena: SWITCH },
  ...{ OutPFSet: [-1, 1], OutPFSet_WinTms: WINDOW_TIME, OutPFSet_RvrtTms: REVERT_TIME, OutPFSet_RmpTms: REVERT_TIME },
  ...{ OutPFSet_Ena: SWITCH, VArMaxPct: SIGNED, VArPct_WinTms: WINDOW_TIME, VArPct_RvrtTms: REVERT_TIME },
  ...{ VArPct_RmpTms: REVERT_TIME, VArPct_Mod: [2, 2], VArPct_Ena: SWITCH },
  ...{ StorCtl_Mod: [0, 3], MinRsvPct: PERCENT, OutWRte: SIGNED, InWRte: SIGNED, InOutWRte_RvrtTms: REVERT_TIME },
  ...{ ChaGriSet: SWITCH, VAChaMax: [0, 65_534] },
};

/** What ends by itself: the field of its seconds (0 = never), when it is on, and what it goes back to. */
const REVERTS: readonly {
  readonly seconds: string;
  readonly isOn: (now: ControlValues) => boolean;
  readonly back: ControlValues;
}[] = [
  { seconds: 'Conn_RvrtTms', isOn: ({ Conn }) => Conn === 0, back: { Conn: 1 } },
  { seconds: 'WMaxLimPct_RvrtTms', isOn: ({ WMaxLim_Ena }) => WMaxLim_Ena === 1, back: { WMaxLim_Ena: 0 } },
  { seconds: 'OutPFSet_RvrtTms', isOn: ({ OutPFSet_Ena }) => OutPFSet_Ena === 1, back: { OutPFSet_Ena: 0 } },
  { seconds: 'VArPct_RvrtTms', isOn: ({ VArPct_Ena }) => VArPct_Ena === 1, back: { VArPct_Ena: 0 } },
  {
    seconds: 'InOutWRte_RvrtTms',
    isOn: ({ StorCtl_Mod }) => StorCtl_Mod !== 0,
    back: { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 },
  },
];

export interface ControlOptions {
  readonly house: House;
  readonly clock: Clock;
  readonly flavour: Flavour;
  /** Most AC W of the inverter: what percentages of model 123 are of. */
  readonly rating: number;
  /** W that percentages of model 124 are of. */
  readonly chargeMax: number;
  /** Whether its owner lets the battery be charged from the grid. */
  readonly gridCharge: boolean;
  /** What begins a revert timer again: any message, as the manual says, or a write alone. */
  readonly revert: 'message' | 'write';
}

/** The inverter's own controls: what was written to it, for how long that holds, and what the house does of it. */
export class InverterControls {
  private now: Record<string, number>;
  /** Limit in force, %: a new one counts from the next time that it is enabled. */
  private limit = 100;
  private readonly timers = new Map<string, Disposable>();

  constructor(private readonly o: ControlOptions) {
    this.now = this.initial();
    o.house.govern(() => this.govern());
  }

  get values(): ControlValues {
    return this.now;
  }

  /** Whether a field is one that this inverter takes. */
  takes(model: number, name: string): boolean {
    return name in RANGES && (model === 123 || (model === 124 && this.o.flavour.storage.includes(name)));
  }

  /** Whether a field may have this value; undefined = not implemented, which nothing may have. */
  fits(name: string, value: number | undefined): boolean {
    const [least, most] = RANGES[name]!;
    return value !== undefined && value >= least && value <= most;
  }

  /** Takes values that fit. False where the window they make is invalid, and none of them is taken then. */
  write(values: ControlValues, isClamped = false): boolean {
    const wanted = isClamped ? clamped(values) : values;
    const next = { ...this.now, ...wanted };
    if (-next['InWRte']! > next['OutWRte']!) return false;
    this.now = next;
    if (wanted['WMaxLim_Ena'] === 1) this.limit = next['WMaxLimPct']!;
    this.arm();
    return true;
  }

  /** Any message came. */
  touch(): void {
    if (this.o.revert === 'message') this.arm();
  }

  /** As after a power cut: nothing that was written is left. */
  reset(): void {
    this.now = this.initial();
    this.stop();
  }

  stop(): void {
    for (const timer of this.timers.values()) timer.dispose();
    this.timers.clear();
  }

  private initial(): Record<string, number> {
    return {
      ...Object.fromEntries(Object.entries(RANGES).map(([name, [least]]) => [name, Math.max(0, least)])),
      ...{ Conn: 1, WMaxLimPct: 100, OutPFSet: 1, ChaGriSet: 1, OutWRte: 100, InWRte: 100, VAChaMax: this.o.chargeMax },
      MinRsvPct: this.o.house.battery?.reserve ?? 0,
    };
  }

  private arm(): void {
    for (const { seconds, isOn, back } of REVERTS) {
      this.timers.get(seconds)?.dispose();
      this.timers.delete(seconds);
      const time = this.now[seconds]!;
      if (time > 0 && isOn(this.now))
        this.timers.set(seconds, this.o.clock.after(time * 1000, () => (this.now = { ...this.now, ...back }))); // prettier-ignore
    }
  }

  /** Before each second of the house. */
  private govern(): void {
    const { battery, pv } = this.o.house;
    const isConnected = this.now['Conn'] === 1;
    const share = this.now['WMaxLim_Ena'] === 1 ? this.limit / 100 : 1;
    const most = isConnected ? this.o.rating * share : 0;
    // what charges the battery does not pass the limit to the grid, what it gives does
    pv.ceiling = isConnected ? most + (battery?.meter.power ?? 0) : 0;
    if (battery === undefined) return;
    battery.reserve = this.now['MinRsvPct']!;
    const window = isConnected ? this.window() : { least: 0, most: 0 };
    const isFromGrid = this.o.gridCharge && this.now['ChaGriSet'] === 1;
    const taken = isFromGrid ? window.most : Math.min(window.most, pv.power);
    battery.bounds = { least: Math.min(taken, Math.max(window.least, -most)), most: taken };
  }

  /** Of the battery's power, W, load convention (Fronius Modbus TCP & RTU, basic storage control). */
  private window(): { least: number; most: number } {
    const { StorCtl_Mod: mode, OutWRte, InWRte } = this.now as { StorCtl_Mod: number; OutWRte: number; InWRte: number };
    const { chargeMax } = this.o;
    return {
      least: (mode & 2) === 0 ? -chargeMax : (-OutWRte * chargeMax) / 100,
      most: (mode & 1) === 0 ? chargeMax : (InWRte * chargeMax) / 100,
    };
  }
}

function clamped(values: ControlValues): ControlValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => /^(WMaxLimPct|OutWRte|InWRte)$/.test(name) ? [name, Math.min(CLAMP, Math.max(-CLAMP, value))] : [name, value])); // prettier-ignore
}
