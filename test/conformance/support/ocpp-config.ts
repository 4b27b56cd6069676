import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `config.schema.json` of the proxy gives where nothing is said; on a box the host applies it. */
export function proxyDefaults(): Record<string, unknown> {
  const file = join(process.cwd(), 'extensions/ocpp-proxy/config.schema.json');
  const { properties } = JSON.parse(readFileSync(file, 'utf8')) as {
    properties: Record<string, { default?: unknown }>;
  };
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value]])),
  );
}
