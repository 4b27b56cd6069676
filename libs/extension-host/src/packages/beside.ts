import type { ErrorDetail } from '@smx-edge/model';

type Keys = Readonly<Record<string, unknown>>;

/** What a schema says of a key that holds more of what the config itself describes, by the names of their devices. */
interface Beside {
  /** Key of the config that holds the name of its own device. */
  readonly name: string;
  /** Keys of which no two may have the same value. */
  readonly differ?: readonly string[];
}

/**
 * What is wrong with devices that stand beside the one a config describes (`"beside": { "name": "device", "differ": ["address"] }`
 * at the key that holds them): two of one name, or two that are told apart by nothing. Paths are below the config.
 */
export function besideFaults(schema: object | undefined, config: unknown): ErrorDetail[] {
  const { properties } = (schema ?? {}) as { readonly properties?: unknown };
  if (!isKeys(properties) || !isKeys(config)) return [];
  return Object.entries(properties).flatMap(([key, at]) => {
    const others = config[key];
    return isKeys(at) && isBeside(at['beside']) && isKeys(others)
      ? faultsOf(at['beside'], { config, key, others })
      : [];
  });
}

function faultsOf(
  { name, differ = [] }: Beside,
  { config, key, others }: { readonly config: Keys; readonly key: string; readonly others: Keys },
): ErrorDetail[] {
  const first = String(config[name]);
  const faults: ErrorDetail[] = [];
  if (Object.hasOwn(others, first))
    faults.push({
      path: `${key}.${first}`,
      expected: `another name than ${first}, which "${name}" gives to the first`,
    });
  for (const by of differ) {
    const known = new Map<unknown, string>([[config[by], first]]);
    for (const [own, each] of Object.entries(others)) {
      const value = isKeys(each) ? each[by] : undefined;
      const same = known.get(value);
      if (value === undefined) continue;
      if (same === undefined) known.set(value, own);
      else faults.push({ path: `${key}.${own}.${by}`, expected: `another ${by} than ${JSON.stringify(value)}, which is that of ${same}` }); // prettier-ignore
    }
  }
  return faults;
}

const isKeys = (value: unknown): value is Keys => typeof value === 'object' && value !== null && !Array.isArray(value);
const isBeside = (value: unknown): value is Beside => isKeys(value) && typeof value['name'] === 'string';
