import type { Config } from '../config/index.js';
import { freePort } from '../core/free-port.js';

/** Instance of the demo config between the charge point of the virtual site and its back end. */
const PROXY = 'ev';

/** Device of the charge point's only outlet. */
export const OUTLET = 'ev1';

/** The demo's charge point, what it dials, and its back end. */
export interface DemoCharging {
  /** Where the charge point dials in, `ws://host:port/path`. */
  readonly listen: string;
  /** Keys of the virtual site's config. */
  readonly site: object;
}

/**
 * A car that stays at home charges on three phases through the proxy, and its back end makes the bill; undefined where the config has
 * no such instance. The proxy takes another port where its own is taken.
 */
export async function demoCharging(config: Config): Promise<DemoCharging | undefined> {
  const wanted = config.instances.get(PROXY)?.config['listen'];
  const url = typeof wanted === 'string' && URL.canParse(wanted) ? new URL(wanted) : undefined;
  if (url?.protocol !== 'ws:') return undefined;
  url.port = String(await freePort({ host: url.hostname, port: Number(url.port) }));
  const listen = url.href.replace(/\/$/, '');
  const station = { protocol: 'charge-point', name: 'garage', identity: 'SMX-DEMO-1', backend: listen, password: 'demo', retry: { most: 3 }, settings: { MeterValueSampleInterval: '10' } }; // prettier-ignore
  const csms = { protocol: 'csms', name: 'csms', stations: { 'SMX-DEMO-1': 'demo' } };
  return { listen, site: { ev: { trips: false, until: 100, offered: 0 }, devices: [csms, station] } };
}

/** The config with both ends of the proxy set to where they really are. */
export function proxying(config: Config, listen: string, backend: string): Config {
  const proxy = config.instances.get(PROXY)!;
  const instances = new Map(config.instances).set(PROXY, { ...proxy, config: { ...proxy.config, listen, backend } });
  return { ...config, instances };
}
