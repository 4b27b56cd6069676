import { silentLog, systemClock, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { House } from '../house/index.js';
import { LineServer, type Address } from './line-server.js';
import { houseTelegram } from './telegram.js';
import { telegramInterval, type P1Version } from './versions.js';

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

const SERIAL = '1SAG1100000292';
const GAS_SERIAL = '7FLO2120030045';

/** A virtual house behind a P1 port that is served on TCP. */
export async function startP1Site(options: P1SiteOptions): Promise<P1Site> {
  const { clock = systemClock, log = silentLog, version = 'emucs-1.7.1' } = options;
  const server = new LineServer(log);
  const address = await server.listen(options);
  const house = new House({ start: options.start ?? clock.now(), ...(options.seed !== undefined && { seed: options.seed }) }); // prettier-ignore
  const pace = new Pace({ clock, start: options.start ?? clock.now(), speed: options.speed ?? 1 });
  const send = (t: number): void => {
    house.step(t);
    server.send(houseTelegram(house, { version, serial: SERIAL, gasSerial: GAS_SERIAL }));
  };
  pace.run({ interval: telegramInterval(version), pause: 1000 / (options.rate ?? 1) }, send);
  return {
    address,
    house,
    get clients() {
      return server.size;
    },
    stop: async () => {
      pace.stop();
      await server.close();
    },
  };
}

/** Virtual time that runs `speed` times the monotonic clock. */
class Pace {
  private readonly origin: number;
  private timer: Disposable | undefined;

  constructor(private readonly o: { clock: Clock; start: number; speed: number }) {
    this.origin = o.clock.monotonic();
  }

  /** Calls `fn` at each whole `interval` of virtual time, but not before `pause` wall ms have passed since the last call. */
  run(every: { interval: number; pause: number }, fn: (t: number) => void): void {
    const { clock, start, speed } = this.o;
    const arm = (earliest: number): void => {
      const virtual = start + (earliest - this.origin) * speed;
      const due = Math.ceil(virtual / every.interval) * every.interval;
      const wall = this.origin + (due - start) / speed;
      // a hair late, so that virtual time has surely reached the mark
      this.timer = clock.after(Math.max(0, wall - clock.monotonic()) + 0.5, () => {
        fn(due);
        arm(Math.max(wall + every.pause * 0.999, clock.monotonic()));
      });
    };
    arm(clock.monotonic());
  }

  stop(): void {
    this.timer?.dispose();
  }
}
