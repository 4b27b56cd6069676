import { silentLog, systemClock, type Clock, type Log } from '@smx-edge/model';
import { DlmsPort, MeterMemory } from '../dlms-meter/index.js';
import { House, pastOf, type GridMeter } from '../house/index.js';
import { Pace } from '../line/index.js';
import { P1Port } from '../p1-meter/index.js';
import type { SiteConfig } from './config.js';
import type { DlmsMeterConfig } from './dlms-config.js';
import type { MeterConfig } from './meter-config.js';

/** A meter of the site, whatever it speaks. */
export type MeterPort = P1Port | DlmsPort;

export interface Site {
  readonly house: House;
  /** By name. */
  readonly meters: ReadonlyMap<string, MeterPort>;
  stop(): Promise<void>;
}

const SECOND = 1000;
const ROWS_A_DAY = 96;

/** One house behind any number of virtual meters, each with its own protocol, line and faults. */
export async function startSite(
  config: SiteConfig,
  { clock = systemClock, log = silentLog }: { readonly clock?: Clock; readonly log?: Log } = {},
): Promise<Site> {
  const start = config.start ?? clock.now();
  const meters = new Map<string, MeterPort>();
  // before the house is built, which takes a second in which time does not stand still
  const paces = config.meters.map(() => new Pace({ clock, start, speed: config.speed }));
  const stop = async (): Promise<void> => {
    for (const pace of paces) pace.stop();
    for (const port of meters.values()) await port.close();
  };
  const memories = new Map(config.meters.filter(isDlms).map((meter) => [meter, memoryOf(config, meter, start)]));
  const onQuarter = (end: number, meter: GridMeter): void => {
    for (const memory of memories.values()) memory.quarter(end, meter);
  };
  try {
    const house = new House({ ...config.house, start, onQuarter });
    for (const [i, meter] of config.meters.entries()) {
      const pace = paces[i]!;
      const run = (interval: number, then: () => void): void =>
        pace.run({ interval, pause: SECOND / config.rate }, (t) => {
          house.step(t);
          then();
        });
      if (isDlms(meter)) {
        const source = { house, memory: memories.get(meter)!, now: () => pace.now() };
        meters.set(meter.name, await DlmsPort.open(meter, { source, clock, log }));
        run(SECOND, () => {});
      } else {
        const port = await P1Port.open({ ...meter, log });
        meters.set(meter.name, port);
        run(port.interval, () => port.send(house));
      }
    }
    return { house, meters, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const isDlms = (meter: MeterConfig): meter is DlmsMeterConfig => meter.protocol === 'dlms';

function memoryOf({ house }: SiteConfig, { days }: DlmsMeterConfig, start: number): MeterMemory {
  return new MeterMemory(pastOf({ ...house, start }, days), (days + 1) * ROWS_A_DAY);
}
