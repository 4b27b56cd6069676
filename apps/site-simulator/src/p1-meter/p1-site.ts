import { silentLog, systemClock, type Clock, type Log } from '@smx-edge/model';
import { House } from '../house/index.js';
import { Pace, type Address } from '../line/index.js';
import { P1Port } from './p1-port.js';
import type { P1Version } from './versions.js';

export interface P1SiteOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** How many times faster than the wall clock the house lives; default 1. */
  readonly speed?: number;
  readonly seed?: number;
  /** Date at which the house starts, ms UTC; default now. */
  readonly start?: number;
  readonly version?: P1Version;
  /** Most telegrams in a second of the wall clock; at a higher speed some are left out. Default 1. */
  readonly rate?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface P1Site {
  readonly address: Address;
  readonly house: House;
  /** Clients connected now. */
  readonly clients: number;
  stop(): Promise<void>;
}

/** A virtual house behind a P1 port that is served on TCP. */
export async function startP1Site(options: P1SiteOptions): Promise<P1Site> {
  const { clock = systemClock, log = silentLog, version = 'emucs-1.7.1' } = options;
  const start = options.start ?? clock.now();
  const port = await P1Port.open({ version, address: { host: options.host, port: options.port }, log });
  const house = new House({ start, ...(options.seed !== undefined && { seed: options.seed }) });
  const pace = new Pace({ clock, start, speed: options.speed ?? 1 });
  pace.run({ interval: port.interval, pause: 1000 / (options.rate ?? 1) }, (t) => {
    house.step(t);
    port.send(house);
  });
  return {
    address: port.address,
    house,
    get clients() {
      return port.clients;
    },
    stop: async () => {
      pace.stop();
      await port.close();
    },
  };
}
