import { silentLog, systemClock, type Clock, type Log } from '@smx-edge/model';
import { House } from '../house/index.js';
import { P1Port, Pace } from '../p1-meter/index.js';
import type { SiteConfig } from './config.js';

export interface Site {
  readonly house: House;
  /** By name. */
  readonly meters: ReadonlyMap<string, P1Port>;
  stop(): Promise<void>;
}

/** One house behind any number of virtual meters, each with its own version, line and faults. */
export async function startSite(
  config: SiteConfig,
  { clock = systemClock, log = silentLog }: { readonly clock?: Clock; readonly log?: Log } = {},
): Promise<Site> {
  const start = config.start ?? clock.now();
  const meters = new Map<string, P1Port>();
  const paces: Pace[] = [];
  const stop = async (): Promise<void> => {
    for (const pace of paces) pace.stop();
    for (const port of meters.values()) await port.close();
  };
  try {
    for (const { name, ...meter } of config.meters) meters.set(name, await P1Port.open({ ...meter, log }));
    const house = new House({ ...config.house, start });
    for (const port of meters.values()) {
      const pace = new Pace({ clock, start, speed: config.speed });
      pace.run({ interval: port.interval, pause: 1000 / config.rate }, (t) => {
        house.step(t);
        port.send(house);
      });
      paces.push(pace);
    }
    return { house, meters, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
