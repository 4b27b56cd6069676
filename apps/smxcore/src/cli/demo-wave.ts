import type { Config } from '../config/index.js';
import { freePort } from '../core/free-port.js';

/** Instance of the demo config that reads the S1 port of the virtual site's meter. */
const READER = 's1';

/**
 * Keys of the virtual site's config: an S1 port where the config reads one; none at another speed than real time, for samples are what
 * a second has.
 */
export async function demoWave(config: Config, speed: number): Promise<object> {
  const source = config.instances.get(READER)?.config['source'];
  const url = typeof source === 'string' && URL.canParse(source) ? new URL(source) : undefined;
  if (url?.protocol !== 'tcp:' || speed !== 1) return {};
  const host = url.hostname;
  const port = await freePort({ host, port: Number(url.port) });
  return { meters: [{ protocol: 's1', name: 's1', host, port }] };
}

/** The config with the reader's source set to where the port really is; without the reader where there is none. */
export function withWave(config: Config, at: { readonly host: string; readonly port: number } | undefined): Config {
  const reader = config.instances.get(READER);
  if (reader === undefined) return config;
  const instances = new Map(config.instances);
  if (at === undefined) instances.delete(READER);
  else instances.set(READER, { ...reader, config: { ...reader.config, source: `tcp://${at.host}:${at.port}` } });
  return { ...config, instances };
}
