import { SmxError } from '@smx-edge/model';
import { parseSource } from '@smx-edge/extension-api/source';
import type { Fault } from './problem.js';
import type { RawConfig } from './schema.js';

/** Something that one instance alone may ask. */
interface Place {
  readonly key: 'source' | 'api';
  /** As it is said to people; the same place may be said in several ways. */
  readonly label: string;
  readonly expected: string;
}

type Config = Readonly<Record<string, unknown>>;

/** This box by any of its names, as it stands before a port or at an end. */
const OWN = /\/\/(localhost|127\.0\.0\.1|\[::1\]|::1)(?=:|\/|$)/i;
// of files, upper case is another name
const sameOf = (label: string): string => label.includes('://') ? label.toLowerCase().replace(OWN, '//localhost') : label; // prettier-ignore

/** The device and port that a Modbus source means, whatever its settings; undefined for other sources and for none. */
function modbusPlace({ source }: Config): Place | undefined {
  if (typeof source !== 'string' || !source.startsWith('modbus')) return undefined;
  try {
    const expected = 'one instance for all units of a Modbus host or line; name them under its units';
    return { key: 'source', label: parseSource(source).label, expected };
  } catch (error) {
    // what is wrong with a source is told where the extension's own schema is known
    if (error instanceof SmxError) return undefined;
    throw error;
  }
}

/** The host of a Solar API, which some inverters do not survive being asked by two. */
function apiPlace(use: unknown, { api }: Config): Place | undefined {
  if (use !== 'fronius' || typeof api !== 'string' || !URL.canParse(api)) return undefined;
  const { protocol, host } = new URL(api);
  const expected = 'one instance for all that is behind a Solar API; it reads every device of it';
  return { key: 'api', label: `${protocol}//${host}`, expected };
}

/** Instances that want a Modbus host, serial line or Solar API which one before them has: it is asked by one, one thing after the other. */
export function sharedFaults(extensions: RawConfig['extensions']): Fault[] {
  const owners = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, section] of Object.entries(extensions ?? {})) {
    // what does not fit the schema is told elsewhere
    const { use, config } = (section as { use?: unknown; config?: Config | null } | null) ?? {};
    const places = [modbusPlace(config ?? {}), apiPlace(use, config ?? {})].filter((place) => place !== undefined);
    const taken = places.find(({ label }) => owners.has(sameOf(label)));
    if (taken === undefined) for (const { label } of places) owners.set(sameOf(label), name);
    else
      faults.push({
        code: 'SMX_CONFIG_INVALID',
        path: ['extensions', name, 'config', taken.key],
        wrong: `${taken.label} is read by extensions.${owners.get(sameOf(taken.label))} already`,
        expected: taken.expected,
      });
  }
  return faults;
}
