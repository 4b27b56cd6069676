import type { PointKind } from '@smx-edge/model';

/** In the order in which they are told of. */
export const PART_KINDS = ['grid', 'pv', 'battery', 'car', 'load'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** One thing of the house whose power is read. */
export interface Part {
  readonly kind: PartKind;
  /** Device, or device and part of it, like `er/battery`. */
  readonly name: string;
  /** Points whose signed sum is its power in load convention, W. */
  readonly power: readonly { readonly path: string; readonly sign: 1 | -1 }[];
  /** State of charge, %. */
  readonly soc?: string;
  /** Window in which its power is given; absent = as it comes. */
  readonly every?: string;
}

interface KnownPoint {
  readonly path: string;
  readonly unit: string | null;
  readonly kind: PointKind;
  readonly every?: string;
}

interface KnownDevice {
  readonly name: string;
  readonly kind: string;
}

/** Device, or a part of it that is one of its own (`er/battery`), of a power. */
const OWNER = /^([^/]+|[^/]+\/(?:pv|battery|ev)\d*)\/power(?:\/active(?:\/(?:im|ex)port)?)?$/;

/** The connection of the house, where the site names none. */
const CONNECTION = 'pcc';

const KINDS: readonly (readonly [kind: PartKind | 'meter' | 'inverter', name: RegExp, device: readonly string[]])[] = [
  ['pv', /^pv\d*$/, ['pv']],
  ['battery', /^battery\d*$/, ['battery']],
  ['car', /^ev\d*$/, ['ev', 'evse', 'charger', 'charge-point']],
  ['inverter', /^inverter\d*$/, ['inverter']],
  ['meter', /^pcc$/, ['meter', 'power-quality-meter']],
];

function kindOf(owner: string, devices: ReadonlyMap<string, string>): PartKind | 'meter' | 'inverter' {
  const name = owner.slice(owner.lastIndexOf('/') + 1);
  const device = devices.get(owner) ?? '';
  return KINDS.find(([, pattern, kinds]) => pattern.test(name) || kinds.includes(device))?.[0] ?? 'load';
}

/** The things of the house, from what is read of it. Only one meter is the connection; others measure the same again. */
export function partsOf(points: readonly KnownPoint[], devices: readonly KnownDevice[]): Part[] {
  const kinds = new Map(devices.map(({ name, kind }) => [name, kind]));
  const measured = points.filter(({ unit, kind }) => unit === 'W' && kind === 'measurement');
  const watts = new Map(measured.map((point) => [point.path, point]));
  const owners = new Set(measured.flatMap(({ path }) => OWNER.exec(path)?.[1] ?? []));
  const found = [...owners].sort().flatMap((owner) => {
    const power = powerOf(owner, watts);
    if (power === undefined) return [];
    const soc = points.find(({ path }) => path === `${owner}/soc`)?.path;
    const every = watts.get(power[0]!.path)?.every;
    const rest = {
      name: owner,
      power,
      ...(soc === undefined ? {} : { soc }),
      ...(every === undefined ? {} : { every }),
    };
    const kind = kindOf(owner, kinds);
    // the power of a device is that of its parts, where these are read themselves
    const isSum = kind === 'load' && [...owners].some((other) => other.startsWith(`${owner}/`));
    return isSum ? [] : [{ kind, ...rest }];
  });
  const meters = found.filter(({ kind }) => kind === 'meter');
  const grid = meters.find(({ name }) => name === CONNECTION) ?? meters[0];
  // the power of an inverter is that of its panels and battery, where these are read themselves
  const isSplit = found.some(({ kind }) => kind === 'pv' || kind === 'battery');
  const parts = found.flatMap((part): Part[] => {
    const { kind } = part;
    if (kind === 'meter') return part === grid ? [{ ...part, kind: 'grid' }] : [];
    if (kind === 'inverter') return isSplit ? [] : [{ ...part, kind: 'pv' }];
    return [{ ...part, kind }];
  });
  return parts.sort((a, b) => PART_KINDS.indexOf(a.kind) - PART_KINDS.indexOf(b.kind));
}

function powerOf(owner: string, watts: ReadonlyMap<string, unknown>): Part['power'] | undefined {
  for (const path of [`${owner}/power/active`, `${owner}/power`]) if (watts.has(path)) return [{ path, sign: 1 }];
  const [taken, given] = [`${owner}/power/active/import`, `${owner}/power/active/export`];
  if (!watts.has(taken) || !watts.has(given)) return undefined;
  return [
    { path: taken, sign: 1 },
    { path: given, sign: -1 },
  ];
}
