import { silentLog, systemClock, type Clock, type Log } from '@smx-edge/model';
import { MeterMemory } from '../billing/index.js';
import { DlmsPort } from '../dlms-meter/index.js';
import { House, pastOf, type GridMeter } from '../house/index.js';
import { IecPort } from '../iec62056-meter/index.js';
import { Pace, type Meter, type SiteDevice } from '../line/index.js';
import { P1Port } from '../p1-meter/index.js';
import { S1Port } from '../s1-meter/index.js';
import type { SiteConfig } from './config.js';
import type { DlmsMeterConfig } from './dlms-config.js';
import type { IecMeterConfig } from './iec-config.js';
import type { MeterConfig } from './meter-config.js';
import { openDevice } from './open-device.js';

export interface Site {
  readonly house: House;
  /** By name. */
  readonly meters: ReadonlyMap<string, Meter>;
  readonly devices: ReadonlyMap<string, SiteDevice>;
  stop(): Promise<void>;
}

const SECOND = 1000;
/** An S1 port sends a sample 10 ms after it was taken at the latest (e-MUCS H §4). */
const S1_INTERVAL = 10;
const ROWS_A_DAY = 96;

/** One house behind any number of virtual meters, each with its own protocol, line and faults. */
export async function startSite(
  config: SiteConfig,
  { clock = systemClock, log = silentLog }: { readonly clock?: Clock; readonly log?: Log } = {},
): Promise<Site> {
  const start = config.start ?? clock.now();
  const meters = new Map<string, Meter>();
  const devices = new Map<string, SiteDevice>();
  // before the house is built, which takes a second in which time does not stand still
  const paces = [...config.meters, ...config.devices].map(() => new Pace({ clock, start, speed: config.speed }));
  const stop = async (): Promise<void> => {
    for (const pace of paces) pace.stop();
    for (const port of [...meters.values(), ...devices.values()]) await port.close();
  };
  const memories = new Map(config.meters.filter(isBilling).map((meter) => [meter, memoryOf(config, meter, start)]));
  const onQuarter = (end: number, meter: GridMeter): void => {
    for (const memory of memories.values()) memory.quarter(end, meter);
  };
  try {
    const house = new House({ ...config.house, start, onQuarter });
    const step = (pace: Pace, interval: number, then: () => void): void =>
      pace.run({ interval, pause: SECOND / config.rate }, (t) => {
        house.step(t);
        then();
      });
    for (const [i, meter] of config.meters.entries()) {
      const pace = paces[i]!;
      const run = (interval: number, then: () => void): void => step(pace, interval, then);
      if (meter.protocol === 'p1') {
        const port = await P1Port.open({ ...meter, log });
        meters.set(meter.name, port);
        run(port.interval, () => port.send(house));
        continue;
      }
      if (meter.protocol === 's1') {
        const port = await S1Port.open(meter, { house, log, speed: config.speed });
        meters.set(meter.name, port);
        pace.run({ interval: S1_INTERVAL, pause: S1_INTERVAL }, (t) => {
          house.step(t);
          port.advance(t);
        });
        continue;
      }
      const tools = { source: { house, memory: memories.get(meter)!, now: () => pace.now() }, clock, log };
      if (meter.protocol === 'dlms') {
        meters.set(meter.name, await DlmsPort.open(meter, tools));
        run(SECOND, () => {});
      } else {
        const port = await IecPort.open(meter, tools);
        meters.set(meter.name, port);
        run(meter.mode === 'D' ? meter.interval : SECOND, () => port.push());
      }
    }
    for (const [i, device] of config.devices.entries()) {
      const opened = await openDevice(device, { house, clock, log });
      devices.set(device.name, opened);
      step(paces[meters.size + i]!, SECOND, () => opened.tick?.());
    }
    return { house, meters, devices, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type BillingConfig = DlmsMeterConfig | IecMeterConfig;

const isBilling = (meter: MeterConfig): meter is BillingConfig =>
  meter.protocol === 'dlms' || meter.protocol === 'iec62056-21';

function memoryOf({ house }: SiteConfig, { days }: BillingConfig, start: number): MeterMemory {
  return new MeterMemory(pastOf({ ...house, start }, days), (days + 1) * ROWS_A_DAY);
}
