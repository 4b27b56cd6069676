import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { silentLog, VirtualClock } from '@smx-edge/model';
import ocppProxy from '@smx-edge/ocpp-proxy';
import { ChargePoint, Csms, type ChargePointOptions } from '@smx-edge/site-simulator';
import { proxyDefaults } from './ocpp-config.js';

const START = Date.parse('2026-06-19T22:10:00Z');

/** A charge point behind the proxy before a back end: real sockets, and a clock of the test for all that is no socket. */
export class OcppSite {
  readonly clock = new VirtualClock(START);
  csms!: Csms;
  harness!: Harness;
  /** Undefined until `join`. */
  station!: ChargePoint;

  /** `config` beside the defaults; the charge point is CP1. */
  static async open(config: object = {}): Promise<OcppSite> {
    const site = new OcppSite();
    const { clock } = site;
    site.csms = await Csms.open({ address: { host: '127.0.0.1', port: 0 } }, { clock, log: silentLog });
    const all = { ...proxyDefaults(), listen: 'ws://127.0.0.1:0/ocpp', backend: site.csms.source, stations: { CP1: {} }, ...config }; // prettier-ignore
    site.harness = runExtension(ocppProxy, { config: all as never, clock });
    await site.until('the port', () => site.address !== undefined, 0);
    return site;
  }

  /** Resolves once the charge point is accepted and seen. */
  async join(options: Partial<ChargePointOptions> = {}): Promise<void> {
    const { settings, ...more } = options;
    this.station = await ChargePoint.open(
      {
        id: 'CP1',
        url: this.address!,
        current: 32,
        settings: { MeterValueSampleInterval: '10', ...settings },
        ...more,
      },
      { clock: this.clock, log: silentLog },
    );
    await this.until('accepted', () => this.station.state.isAccepted && this.shown('status') !== undefined, 0);
  }

  /** Where charge points dial, without an identity. */
  get address(): string | undefined {
    return this.harness.seen.statuses.map(({ text }) => /dial (\S+)\/ID/.exec(text ?? '')?.[1]).find(Boolean);
  }

  /** The newest of a point. */
  shown(path: string, device = 'ev1') {
    return this.harness.seen.values.get(`${device}/${path}`);
  }

  /** States of the alarms of one code, in their order. */
  alarms(code: string): unknown[] {
    return this.harness.seen.events.filter((event) => event.code === code).map(({ state }) => state);
  }

  /** Lets seconds of the test's clock pass until `holds`, 6 s of real time at most; rejects where it does not come about. */
  async until(what: string, holds: () => boolean | Promise<boolean>, seconds = 1): Promise<void> {
    for (let i = 0; i < 1500 && !(await holds()); i++) {
      this.clock.advance(seconds * 1000);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    expect([what, await holds()]).toEqual([what, true]);
  }

  async charging(): Promise<void> {
    this.station.plug(true);
    await this.until('charging', () => this.station.state.status === 'Charging' && this.shown('status')?.value === 'charging'); // prettier-ignore
  }

  /** What the call `status` tells of the charge point. */
  async status(): Promise<StationStatus> {
    return (await this.harness.call('status', { station: 'CP1' })) as StationStatus;
  }

  async close(): Promise<void> {
    await (this.station as ChargePoint | undefined)?.close();
    await this.harness.stop();
    await this.csms.close();
    expect(this.harness.seen.exceptions).toEqual([]);
  }
}

export interface StationStatus {
  readonly backEnd: { readonly connected: boolean };
  readonly limits: { readonly backEnd: readonly object[] };
  readonly outlets: readonly { readonly limit: { readonly state: string; readonly purpose: string | null; readonly isExceeded: boolean } | null }[]; // prettier-ignore
}
