import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { silentLog, systemClock } from '@smx-edge/model';
import { ChargePoint, Csms, type StationVersion } from '@smx-edge/site-simulator';
import { proxyDefaults } from '../../conformance/support/ocpp-config.js';
import { KilledProxy, type Wrong } from './killed-proxy.js';
import { judge, type Verdict } from './ocpp-oracle.js';

const tools = { clock: systemClock, log: silentLog };
/** ms between looks of the charge point at its outlet: it measures, and now and then the car goes. */
const STEP = 4;
const MEASURES_EVERY = '0.012';
/** ms that it waits for an answer: where its back end is cut off behind a `hold`, none comes to what was under way. */
const TIMEOUT = { mirror: 5_000, hold: 500 } as const;
/** Messages that must go through once nothing is killed any more. */
const CALM = 60;
const CALM_WITHIN = 30_000;

export interface Kills {
  readonly count: number;
  readonly away: 'mirror' | 'hold';
  /** Default 1.6. */
  readonly version?: StationVersion;
  readonly random: () => number;
  readonly wrong?: Wrong;
  /** ms for each step of the end, when nothing is killed any more. Default 30 s. */
  readonly calmWithin?: number;
}

export interface Killed extends Verdict {
  readonly proxies: number;
  /** Messages once all was there again that were not answered, or only once the charge point had asked again. */
  readonly stuck: number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A charge point that charges without end, behind a proxy that is killed, before a back end that bills. */
class Line {
  proxies = 0;
  begun = 0;
  private isCharging = true;
  private lastBegan: number | undefined;
  private readonly driver: NodeJS.Timeout;

  private constructor(
    readonly o: Kills,
    readonly ends: { readonly csms: Csms; readonly station: ChargePoint; readonly proxy: KilledProxy },
  ) {
    this.driver = setInterval(() => this.step(), STEP);
  }

  static async open(o: Kills): Promise<Line> {
    const csms = await Csms.open({ address: { host: '127.0.0.1', port: 0 }, recorded: 512 << 20 }, tools);
    const listen = `ws://127.0.0.1:${await freePort()}`;
    const config = { ...proxyDefaults(), 'upgrades-per-minute': 1_000_000, away: o.away, listen, backend: csms.source };
    const settings = { AllowOfflineTxForUnknownId: 'true', LocalPreAuthorize: 'true', MeterValueSampleInterval: MEASURES_EVERY, TransactionMessageRetryInterval: '0', TransactionMessageAttempts: '100' }; // prettier-ignore
    const proxy = KilledProxy.start(config, o.wrong);
    const station = await ChargePoint.open({ id: 'CP1', version: o.version ?? '1.6', url: listen, timeout: TIMEOUT[o.away], retry: { least: 3, most: 24 }, settings }, tools); // prettier-ignore
    return new Line(o, { csms, station, proxy });
  }

  get answered(): number {
    return this.ends.station.state.counts.answered;
  }

  /** Somewhere within the life of a connection: dialling, first message, many messages. */
  async kill(): Promise<void> {
    const { station, csms, proxy } = this.ends;
    const below = (n: number): number => Math.floor(this.o.random() * n);
    const goal = this.answered + below(5);
    const late = performance.now() + 20 + below(150);
    while (this.answered < goal && performance.now() < late) await pause(1);
    const what = below(8);
    if (what === 0) station.cut();
    else if (what === 1) csms.disconnect('CP1', below(2) === 0 ? null : 1012);
    else if (what === 2) await csms.goAway().then(() => csms.comeBack());
    else {
      this.proxies++;
      await proxy.kill();
    }
  }

  /** Nothing is killed any more: what waits goes, and then some. */
  async calm(): Promise<number> {
    const { station } = this.ends;
    await this.within(() => station.state.waiting === 0);
    const { answered, resent } = station.state.counts;
    const isThrough = await this.within(() => this.answered >= answered + CALM);
    const again = this.o.away === 'mirror' ? station.state.counts.resent - resent : 0;
    this.isCharging = false;
    const isEmpty = await this.within(() => station.state.transaction === undefined && station.state.waiting === 0);
    return again + (isThrough ? 0 : 1) + (isEmpty ? 0 : station.state.waiting + 1);
  }

  async close(): Promise<void> {
    clearInterval(this.driver);
    await this.ends.station.close();
    await this.ends.proxy.stop();
    await this.ends.csms.close();
  }

  private step(): void {
    const { station } = this.ends;
    station.plug(this.isCharging && this.o.random() > 0.03);
    const began = station.state.transaction?.began;
    if (began !== undefined && began !== this.lastBegan) this.begun++;
    this.lastBegan = began ?? this.lastBegan;
  }

  private async within(condition: () => boolean): Promise<boolean> {
    const late = performance.now() + (this.o.calmWithin ?? CALM_WITHIN);
    while (!condition() && performance.now() < late) await pause(2);
    return condition();
  }
}

/**
 * Kills of the proxy's process (SIGKILL), cuts and restarts of its back end and cuts of its charge point at any moment, while the
 * charge point tells of its transactions; gives what became of them.
 */
export async function ocppKills(o: Kills): Promise<Killed> {
  const line = await Line.open(o);
  try {
    for (let i = 0; i < o.count; i++) await line.kill();
    const stuck = await line.calm();
    const { station, csms } = line.ends;
    return { ...judge(station, csms, line.begun), stuck, proxies: line.proxies };
  } finally {
    await line.close();
  }
}
