import { Zone } from '@smx-edge/model';
import { GridMeter } from './grid-meter.js';
import { Heating } from './heating.js';
import { Household } from './household.js';
import type { HouseOptions } from './house.js';
import type { Moment } from './load.js';
import { Noise } from './noise.js';
import { plantOf, PvPlant } from './pv-plant.js';
import { GHENT } from './sun.js';
import { Weather } from './weather.js';

const { floor, max } = Math;

const MINUTE = 60_000;
const QUARTER = 900_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** Share of the days on which the street has no power for a while, and for how long, ms. */
const OUTAGES = 0.04;
const LONGEST = 3 * HOUR;

/** Registers at the end of a quarter hour, Ws and vars. */
export interface QuarterReading {
  /** ms UTC. */
  readonly end: number;
  readonly import: number;
  readonly export: number;
  readonly reactiveImport: number;
  readonly reactiveExport: number;
}

/** A time without power, ms UTC. */
export interface Outage {
  readonly down: number;
  readonly up: number;
}

export interface Past {
  /** Of the house. */
  readonly zone: Zone;
  /** Oldest first; none of a quarter hour that ended without power. */
  readonly quarters: readonly QuarterReading[];
  readonly outages: readonly Outage[];
}

/** What flowed through the connection in a quarter hour, Ws and vars. */
class Flow {
  import = 0;
  export = 0;
  reactiveImport = 0;
  reactiveExport = 0;

  constructor(readonly end: number) {}

  add(watt: number, reactive: number, seconds: number): void {
    this.import += max(0, watt) * seconds;
    this.export += max(0, -watt) * seconds;
    this.reactiveImport += max(0, reactive) * seconds;
    this.reactiveExport += max(0, -reactive) * seconds;
  }
}

/**
 * What the meter of a house counted in the `days` before it began: household, PV and heating looked at once a minute (car and
 * battery begin with the house), with a power failure here and there. Its last reading is the first of the house.
 */
export function pastOf(options: HouseOptions, days: number): Past {
  const { seed = 1, start, timezone = 'Europe/Brussels' } = options;
  const zone = new Zone(timezone);
  const begin = zone.dayStart(start);
  const first = zone.dayStart(begin - days * DAY);
  const outages = outagesBetween(new Noise(seed, 'outages'), first, begin);
  const flows = flowsOf(options, { zone, first, begin }).map((flow) => ({ flow, isDark: isWithin(outages, flow.end) }));
  const meter = new GridMeter({ seed, t: begin, zone });
  let reading: QuarterReading = readingOf(meter, begin);
  const quarters: QuarterReading[] = [];
  for (const { flow, isDark } of flows.reverse()) {
    // a quarter hour that ended without power counted nothing and has no row
    if (isDark) continue;
    quarters.push({ ...reading, end: flow.end });
    reading = before(reading, flow);
  }
  return { zone, quarters: quarters.reverse(), outages };
}

function before(reading: QuarterReading, flow: Flow): QuarterReading {
  return {
    end: reading.end,
    import: max(0, reading.import - flow.import),
    export: max(0, reading.export - flow.export),
    reactiveImport: max(0, reading.reactiveImport - flow.reactiveImport),
    reactiveExport: max(0, reading.reactiveExport - flow.reactiveExport),
  };
}

/** What the meter shows now, at the end of a quarter hour. */
export function readingOf(meter: GridMeter, end: number): QuarterReading {
  return {
    end,
    import: meter.import.day + meter.import.night,
    export: meter.export.day + meter.export.night,
    reactiveImport: meter.reactive.import,
    reactiveExport: meter.reactive.export,
  };
}

function flowsOf(
  { seed = 1, pv, place = GHENT, heatPump }: HouseOptions,
  { zone, first, begin }: { zone: Zone; first: number; begin: number },
): Flow[] {
  const weather = new Weather(seed);
  const household = new Household(seed);
  const plant = new PvPlant({ ...plantOf(pv), seed, place });
  const day = floor((first + zone.offset(first)) / DAY);
  const heating = new Heating({ ...(heatPump === false ? { pump: 0 } : heatPump), seed, day });
  const devices = [household, plant, heating];
  const moment: Moment = { t: 0, day: 0, second: 0, outdoors: 0, voltage: new Float64Array(3).fill(230), net: 0 };
  const flows: Flow[] = [];
  let offset = 0;
  for (let t = first; t < begin; t += MINUTE) {
    if (t % QUARTER === 0) flows.push(new Flow(t + QUARTER));
    // clocks change on the hour
    if (t === first || t % HOUR === 0) offset = zone.offset(t);
    const local = t + offset;
    moment.t = t;
    moment.day = floor(local / DAY);
    moment.second = floor((local - moment.day * DAY) / 1000);
    moment.outdoors = weather.outdoors(t);
    let [watt, reactive] = [0, 0];
    for (const device of devices) {
      device.step(moment);
      for (let phase = 0; phase < 3; phase++) {
        watt += device.meter.watt[phase]!;
        reactive += device.meter.reactive[phase]!;
      }
    }
    flows.at(-1)!.add(watt, Math.round(reactive), MINUTE / 1000);
  }
  return flows;
}

function outagesBetween(noise: Noise, first: number, begin: number): Outage[] {
  const outages: Outage[] = [];
  for (let day = floor(first / DAY) + 1; (day + 1) * DAY < begin; day++) {
    if (noise.at(3 * day) >= OUTAGES) continue;
    const down = day * DAY + floor(noise.between(3 * day + 1, 0, DAY - LONGEST) / 1000) * 1000;
    const up = down + 60_000 + floor(noise.between(3 * day + 2, 0, LONGEST - MINUTE) / 1000) * 1000;
    outages.push({ down, up });
  }
  return outages;
}

const isWithin = (outages: readonly Outage[], t: number): boolean =>
  outages.some(({ down, up }) => t > down && t <= up);
