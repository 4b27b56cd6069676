import { daysInstalled, type House } from '../house/index.js';

type Values = Readonly<Record<string, number | string | null>>;

/** Of a model: its own fields, and its blocks where it repeats some. */
export interface Measured {
  readonly values: Values;
  readonly blocks: readonly Values[];
}

/** Counters begin as those of a plant that was put in long ago: Wh for each day. */
const WH_A_DAY = { plant: 40_000, tracker: 30_000, battery: 20_000 };
const [QUARTER, DAY] = [900_000, 86_400_000];
const CABINET = 38.5;
/** Seconds of 2000-01-01 in ms UTC, from which these devices count. */
const EPOCH = Date.UTC(2000, 0, 1);
const STATES = { sleeping: 2, mppt: 4, throttled: 5, standby: 8 } as const;
const CHARGE_STATES = { empty: 2, discharging: 3, charging: 4, full: 5, idle: 6 } as const;
const OFF = 1;
const { abs, max } = Math;
const PHASES = ['A', 'B', 'C'] as const;

export const deviceSeconds = (house: House): number => Math.floor((house.t - EPOCH) / 1000);

/** What the inverter and its trackers of a house measure. Counters go on over restarts on a later day. */
export class InverterMeasures {
  private readonly begun: number;
  /** Ws that the plant had produced at the last midnight. */
  private atMidnight = 0;

  constructor(private readonly house: House) {
    this.begun = house.zone.dayStart(house.t);
    house.govern(() => {
      if (house.t % QUARTER === 0 && house.zone.dayStart(house.t) === house.t) this.atMidnight = house.pv.energy;
    });
  }

  /** Whether there is neither sun nor anything to do for the battery. */
  get isDark(): boolean {
    const { pv, battery } = this.house;
    return pv.power === 0 && pv.strings.every(({ power }) => power === 0) && (battery === undefined || battery.state === 'empty'); // prettier-ignore
  }

  /** AC Wh of the plant since it was put in. */
  get produced(): number {
    return this.since('plant') + this.house.pv.energy / 3600;
  }

  /** AC Wh of the plant since local midnight. */
  get producedToday(): number {
    return (this.house.pv.energy - this.atMidnight) / 3600;
  }

  /** AC Wh of the plant since the year began. */
  get producedThisYear(): number {
    const { zone, t } = this.house;
    const days = (zone.dayStart(t) - Date.UTC(zone.local(t).year, 0, 1)) / DAY;
    return WH_A_DAY.plant * Math.round(days) + this.producedToday;
  }

  /** Models 101 to 103 and 111 to 113. */
  inverter(isAsleep: boolean): Measured {
    const { pv, battery, grid } = this.house;
    const watt = PHASES.map((_, i) => -(pv.meter.watt[i]! + (battery?.meter.watt[i] ?? 0)));
    const volt = [...grid.voltage];
    const total = watt[0]! + watt[1]! + watt[2]!;
    const ampere = watt.map((each, i) => abs(each) / volt[i]!);
    const direct = pv.strings.reduce((sum, { power }) => sum + power, 0) - (battery?.direct ?? 0);
    const state = isAsleep ? STATES.sleeping : pv.curtailed > 0 ? STATES.throttled : this.isDark ? STATES.standby : STATES.mppt; // prettier-ignore
    const shown = isAsleep
      ? { A: 0, W: 0, VA: 0, VAr: 0, DCW: 0 }
      : {
          ...{ A: ampere[0]! + ampere[1]! + ampere[2]!, W: total, VA: abs(total), VAr: 0, DCW: direct, PF: 100 },
          ...Object.fromEntries(PHASES.map((phase, i) => [`Aph${phase}`, ampere[i]!])),
          ...Object.fromEntries(PHASES.map((phase, i) => [`PhVph${phase}`, volt[i]!])),
          ...{
            PPVphAB: grid.between(0, 1),
            PPVphBC: grid.between(1, 2),
            PPVphCA: grid.between(2, 0),
            Hz: grid.frequency,
          },
        };
    const tail = { TmpCab: CABINET, St: state, StVnd: state, Evt1: 0, Evt2: 0, EvtVnd1: 0, EvtVnd2: 0 };
    return { values: { ...shown, WH: this.produced, ...tail }, blocks: [] };
  }

  /** Model 160: a block for each tracker, then charging and discharging of the battery where asked for. */
  trackers(o: {
    readonly count: number;
    readonly name: 'MPPT' | 'String';
    readonly withStorage: boolean;
    readonly isAsleep: boolean;
    /** The counter of the way in which nothing flows shows 0, as some firmwares do. */
    readonly hidesIdle: boolean;
  }): Measured {
    const { strings } = this.house.pv;
    const Tms = deviceSeconds(this.house);
    const silent = { DCA: null, DCV: null, DCW: null, Tms };
    const blocks: Values[] = Array.from({ length: max(o.count, strings.length) }, (_, i) => {
      const string = strings[i];
      const isNamed = o.name === 'MPPT' || string !== undefined;
      const head = { ID: i + 1, IDStr: isNamed ? `${o.name} ${i + 1}` : 'Not supported' };
      if (string === undefined) return { ...head, ...silent };
      const flow = o.isAsleep ? silent : { DCA: string.current, DCV: string.voltage, DCW: string.power, Tms };
      return { ...head, ...flow, DCWH: o.name === 'MPPT' ? this.since('tracker') + string.energy / 3600 : null };
    });
    const { battery } = this.house;
    if (o.withStorage && battery !== undefined)
      for (const [name, sign, counted] of [
        ['StCha', 1, battery.charged],
        ['StDisCha', -1, battery.discharged],
      ] as const) {
        const DCW = max(0, sign * battery.direct);
        const DCWH = o.hidesIdle && DCW === 0 ? 0 : this.since('battery') + counted / 3600;
        blocks.push({ ...{ ID: blocks.length + 1, IDStr: `${name} ${blocks.length + 1}` }, DCA: DCW / battery.voltage, DCV: battery.voltage, DCW, DCWH, Tms }); // prettier-ignore
      }
    return { values: { N: blocks.length }, blocks };
  }

  /** Of model 124: state of charge in %, and what the battery does. */
  storage(isConnected: boolean): Values {
    const { battery } = this.house;
    if (battery === undefined) return {};
    return { ChaState: battery.soc, ChaSt: isConnected ? CHARGE_STATES[battery.state] : OFF };
  }

  private since(what: keyof typeof WH_A_DAY): number {
    return WH_A_DAY[what] * daysInstalled(this.begun);
  }
}
