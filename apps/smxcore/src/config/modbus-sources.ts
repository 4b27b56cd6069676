import { SmxError } from '@smx-edge/model';
import { parseSource } from '@smx-edge/extension-api/source';
import type { Fault } from './problem.js';
import type { RawConfig, RawInstance } from './schema.js';

/** The device and port that a Modbus source means, whatever its settings; undefined for other sources and for none. */
function modbusPlace(source: unknown): string | undefined {
  if (typeof source !== 'string' || !source.startsWith('modbus')) return undefined;
  try {
    return parseSource(source).label;
  } catch (error) {
    // what is wrong with a source is told where the extension's own schema is known
    if (error instanceof SmxError) return undefined;
    throw error;
  }
}

/** Instances that want a Modbus host or serial line which one before them has: its units are asked one after the other, by one. */
export function modbusFaults(extensions: RawConfig['extensions']): Fault[] {
  const owners = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, section] of Object.entries(extensions ?? {})) {
    // what does not fit the schema is told elsewhere
    const place = modbusPlace((section as Partial<RawInstance> | null)?.config?.['source']);
    if (place === undefined) continue;
    const owner = owners.get(place);
    if (owner === undefined) owners.set(place, name);
    else
      faults.push({
        code: 'SMX_CONFIG_INVALID',
        path: ['extensions', name, 'config', 'source'],
        wrong: `${place} is read by extensions.${owner} already`,
        expected: 'one instance for all units of a Modbus host or line; name them under its units',
      });
  }
  return faults;
}
